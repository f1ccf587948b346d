// Job: the command line: reads what a person typed, asks the Operator or the Workbench, and shows the answer.
// May import: model, contract; js-yaml, and node:path for what a person typed.
// Never: talks to a cluster, Git or the disk itself (CliContext is given), or can do what the Operator cannot.
export type { CliContext, Connection } from './context.ts';
export { cliReference } from './reference.ts';
export { runCli } from './run.ts';
export { nodeTerminal } from './terminal.ts';
