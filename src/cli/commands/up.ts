import { defineCommand } from '../command.ts';

/** `plumb up`. */
export const up = defineCommand({
  name: 'up',
  summary: 'Start the engine: on a cluster of its own with the examples, or on yours',
  details:
    'Starts a real Kubernetes control plane on this machine, makes a Git repository of the examples, and runs the engine until Ctrl-C: push a commit, change something by hand, roll back, and watch. With --exit it plays these three itself. With --cluster current the engine runs against the cluster of the kubeconfig.',
  flags: {
    exit: { kind: 'boolean', about: 'Play a commit, a change by hand and a rollback, print what was seen, and end' },
    cluster: {
      kind: 'string',
      value: 'WHICH',
      default: 'embedded',
      choices: ['embedded', 'current'],
      about: 'Where: embedded (a control plane of its own), or current (the cluster of the kubeconfig)',
    },
    repo: { kind: 'string', value: 'URL', about: 'A Git repository of your own instead of the examples' },
    revision: { kind: 'string', value: 'REVISION', default: '', about: 'With --repo: branch, tag or commit' },
    path: {
      kind: 'string',
      value: 'PATH',
      default: '',
      about: 'With --repo: path of the manifests, or of Applications',
    },
    listen: {
      kind: 'string',
      value: 'ADDRESS:PORT',
      default: '127.0.0.1:0',
      about: 'Where webhooks and metrics are served',
    },
    keep: { kind: 'boolean', about: 'Keep the state of the embedded cluster' },
  },
  examples: [
    { line: 'plumb up', does: 'The demo, until Ctrl-C' },
    { line: 'plumb up --exit', does: 'The demo, played by itself; the exit code says whether it went well' },
    {
      line: 'plumb up --repo https://github.com/argoproj/argocd-example-apps --path guestbook',
      does: 'A repository of your own',
    },
    { line: 'plumb up --cluster current --context staging', does: 'The engine on your own cluster' },
  ],
  stopsItself: true,
  run: ({ flags, globals }, context) =>
    context.actions.up(
      {
        exit: flags.exit,
        cluster: flags.cluster === 'current' ? 'current' : 'embedded',
        repo: flags.repo,
        revision: flags.revision,
        path: flags.path,
        listen: flags.listen,
        keep: flags.keep,
        connection: globals,
      },
      context,
    ),
});
