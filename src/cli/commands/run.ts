import { defineCommand } from '../command.ts';

/** `plumb run`. */
export const run = defineCommand({
  name: 'run',
  summary: 'Run the engine on a cluster: what the Deployment in deploy/ does',
  details:
    'Watches the Applications of the cluster, and holds it to Git until the process is stopped. Inside of a cluster it uses the service account of its pod, elsewhere the kubeconfig. Logs are JSON lines on standard error (PLUMBLINE_LOG sets the level).',
  flags: {
    listen: {
      kind: 'string',
      value: 'ADDRESS:PORT',
      default: '127.0.0.1:8080',
      about: 'Where webhooks (/api/webhook), metrics (/metrics) and health (/healthz) are served',
    },
  },
  examples: [
    { line: 'plumb run', does: 'The engine on the cluster of the kubeconfig' },
    { line: 'plumb run --listen 0.0.0.0:8080', does: 'As a pod does' },
  ],
  stopsItself: true,
  run: ({ flags, globals }, context) => context.actions.run({ listen: flags.listen, connection: globals }),
});
