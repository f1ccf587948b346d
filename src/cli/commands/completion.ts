import { defineCommand } from '../command.ts';
import { exit } from '../exit.ts';

const shells = ['bash', 'zsh', 'fish'] as const;

/** `plumb completion`. The scripts are thin: every word is asked of `plumb __complete`. */
export const completion = defineCommand({
  name: 'completion',
  summary: 'Print a completion script for a shell',
  details: 'Completes commands, flags and their values, and the names of applications and projects in the cluster.',
  args: [{ name: 'SHELL', about: 'bash, zsh or fish', required: true, choices: shells }],
  flags: {},
  examples: [
    { line: 'source <(plumb completion bash)', does: 'For this bash; add it to ~/.bashrc for every one' },
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the shell's own variable
    { line: 'plumb completion zsh > "${fpath[1]}/_plumb"', does: 'For zsh' },
    { line: 'plumb completion fish > ~/.config/fish/completions/plumb.fish', does: 'For fish' },
  ],
  run({ args }, context) {
    context.terminal.out(scripts[args[0] as (typeof shells)[number]]);
    return Promise.resolve(exit.ok);
  },
});

const scripts: Readonly<Record<(typeof shells)[number], string>> = {
  bash: `# bash completion of plumb
_plumb() {
  local IFS=$'\\n' word="\${COMP_WORDS[COMP_CWORD]}"
  local words=("\${COMP_WORDS[@]:1:COMP_CWORD}")
  local out directive
  out="$("\${COMP_WORDS[0]}" __complete -- "\${words[@]}" 2>/dev/null)" || return
  directive="\${out##*$'\\n'}"
  out="\${out%$'\\n'*}"
  case "$directive" in
    :files) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$word")) ;;
    :directories) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -d -- "$word")) ;;
    *) COMPREPLY=($(compgen -W "$(printf '%s\\n' "$out" | cut -f1)" -- "$word")) ;;
  esac
}
complete -F _plumb plumb
`,
  zsh: `#compdef plumb
_plumb() {
  local -a lines candidates
  local line
  lines=("\${(@f)$("\${words[1]}" __complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  case "\${lines[-1]}" in
    :files) _files; return ;;
    :directories) _files -/; return ;;
  esac
  for line in "\${(@)lines[1,-2]}"; do
    [[ -n "$line" ]] && candidates+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}")
  done
  _describe 'plumb' candidates
}
if [ "$funcstack[1]" = "_plumb" ]; then _plumb "$@"; else compdef _plumb plumb; fi
`,
  fish: `# fish completion of plumb
function __plumb_complete
  set -l words (commandline -opc) (commandline -ct)
  set -l out (command $words[1] __complete -- $words[2..-1] 2>/dev/null)
  set -l word (commandline -ct)
  switch "$out[-1]"
    case ':files'
      __fish_complete_path $word
    case ':directories'
      __fish_complete_directories $word
    case '*'
      printf '%s\\n' $out[1..-2]
  end
end
complete -c plumb -f -a '(__plumb_complete)'
`,
};
