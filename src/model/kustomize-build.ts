/** `kustomize.buildOptions`: the flags of `kustomize build` that Argo CD passes on, and what of them has a meaning here. */

/** What a build may do, and how its result is put in order. */
export type KustomizeBuild = {
  /** `root`: files must lie in or below their kustomization. Out of the repository leads neither. */
  readonly loadRestrictions: 'root' | 'none';
  readonly reorder?: 'legacy' | 'none';
  readonly managedByLabel: boolean;
  /** Charts of kustomizations are rendered. */
  readonly helm: boolean;
  readonly helmKubeVersion?: string;
  readonly helmApiVersions: readonly string[];
};

/** A build, what is wrong with its flags, and what people have to know of those that mean something else here. */
export type KustomizeBuildRead = {
  readonly build: KustomizeBuild;
  /** `flag: what is wrong`, one line each; a build with any is refused. */
  readonly problems: readonly string[];
  readonly notes: readonly { readonly level: 'warning' | 'info'; readonly message: string }[];
};

type Flag = {
  readonly kind: 'boolean' | 'text';
  readonly set?: (build: Draft, value: string) => string | undefined;
  readonly note?: KustomizeBuildRead['notes'][number];
};
type Draft = { -readonly [K in keyof KustomizeBuild]: KustomizeBuild[K] } & { helmApiVersions: string[] };

const noPrograms =
  'programs and containers of kustomizations are not run: a kustomization that needs a plugin or a function is refused';
const nothing: Flag = { kind: 'text' };
const nothingAtAll: Flag = { kind: 'boolean' };

const restrictions: Readonly<Record<string, KustomizeBuild['loadRestrictions']>> = {
  '': 'root',
  LoadRestrictionsRootOnly: 'root',
  LoadRestrictionsNone: 'none',
  rootOnly: 'root',
  none: 'none',
};

const loadRestrictor: Flag = {
  kind: 'text',
  set: (build, value) => {
    const known = Object.hasOwn(restrictions, value) ? restrictions[value] : undefined;
    if (known === undefined) return 'must be LoadRestrictionsRootOnly or LoadRestrictionsNone';
    build.loadRestrictions = known;
    return undefined;
  },
};

// As in Kustomize, whoever may run plugins may render charts.
const plugins: Flag = {
  kind: 'boolean',
  set: (build, value) => {
    if (value === 'true') build.helm = true;
    return undefined;
  },
  note: { level: 'warning', message: noPrograms },
};

const turns = (field: 'helm' | 'managedByLabel'): Flag => ({
  kind: 'boolean',
  set: (build, value) => {
    build[field] = value === 'true';
    return undefined;
  },
});

const kubeVersion: Flag = {
  kind: 'text',
  set: (build, value) => {
    build.helmKubeVersion = value;
    return undefined;
  },
};

const apiVersions: Flag = {
  kind: 'text',
  set: (build, value) => {
    build.helmApiVersions.push(value);
    return undefined;
  },
};

const ownHelm: Flag = {
  kind: 'text',
  note: { level: 'info', message: 'Helm is built in: this command is not run' },
};

const flags: ReadonlyMap<string, Flag> = new Map<string, Flag>([
  ['--enable-helm', turns('helm')],
  ['--helm-command', ownHelm],
  ['--helm-kube-version', kubeVersion],
  ['--helm-api-versions', apiVersions],
  ['--helm-debug', nothingAtAll],
  ['--load-restrictor', loadRestrictor],
  ['--load_restrictor', loadRestrictor],
  [
    '--reorder',
    {
      kind: 'text',
      set: (build, value) => {
        if (value !== 'legacy' && value !== 'none') return 'must be legacy or none';
        build.reorder = value;
        return undefined;
      },
    },
  ],
  ['--enable-managedby-label', turns('managedByLabel')],
  ['--enable-alpha-plugins', plugins],
  ['--enable_alpha_plugins', plugins],
  ['--enable-exec', { kind: 'boolean', note: { level: 'warning', message: noPrograms } }],
  ['--enable-star', { kind: 'boolean', note: { level: 'warning', message: noPrograms } }],
  // Of functions, which do not run.
  ['--as-current-user', nothingAtAll],
  ['--network', nothingAtAll],
  ['--network-name', nothing],
  ['--mount', nothing],
  ['--env', nothing],
  ['-e', nothing],
  ['--stack-trace', nothingAtAll],
  ['--output', { kind: 'text', set: () => 'there is no disk to write to' }],
  ['-o', { kind: 'text', set: () => 'there is no disk to write to' }],
]);

const booleans: Readonly<Record<string, string>> = {
  true: 'true',
  t: 'true',
  '1': 'true',
  false: 'false',
  f: 'false',
  '0': 'false',
};

/** Reads build options as Argo CD cuts them up, at white space and without quotes, and Kustomize then reads them. */
export function readKustomizeBuild(options: string): KustomizeBuildRead {
  const build: Draft = { loadRestrictions: 'root', managedByLabel: false, helm: false, helmApiVersions: [] };
  const problems: string[] = [];
  const notes = new Map<string, KustomizeBuildRead['notes'][number]>();
  const words = options.split(/\s+/).filter((word) => word !== '');
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? '';
    const equals = word.indexOf('=');
    const name = equals < 0 ? word : word.slice(0, equals);
    const flag = flags.get(name);
    if (flag === undefined) {
      problems.push(`${name}: ${name.startsWith('-') ? 'this flag is not known' : 'this is no flag'}`);
      continue;
    }
    let value = equals < 0 ? undefined : word.slice(equals + 1);
    if (flag.kind === 'boolean') value = booleans[(value ?? 'true').toLowerCase()];
    else value ??= words[++i];
    if (value === undefined) {
      problems.push(`${name}: ${flag.kind === 'boolean' ? 'must be true or false' : 'needs a value'}`);
      continue;
    }
    const problem = flag.set?.(build, value);
    if (problem !== undefined) problems.push(`${name}: ${problem}`);
    if (flag.note !== undefined && value !== 'false')
      notes.set(name, { ...flag.note, message: `${name}: ${flag.note.message}` });
  }
  return { build, problems, notes: [...notes.values()] };
}
