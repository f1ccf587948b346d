// Names of environments as Git allows them in refs.

/** `refs/notes/plumbline/<environment>`. */
export function notesRef(environment: string): string {
  return `refs/notes/plumbline/${refSafe(environment)}`;
}

/** `refs/heads/<prefix><environment>`. */
export function branchRef(prefix: string, environment: string): string {
  return `refs/heads/${refSafe(`${prefix}${environment}`)}`;
}

// What `git check-ref-format` refuses becomes a dash.
function refSafe(text: string): string {
  const steps = text
    .replace(/[^A-Za-z0-9._/-]+/g, '-')
    .replace(/\.{2,}/g, '-')
    .split('/')
    .map((step) => step.replace(/^[.-]+/, '').replace(/(?:\.lock|\.)+$/, ''))
    .filter((step) => step !== '');
  return steps.length === 0 ? 'unnamed' : steps.join('/').slice(0, 200);
}
