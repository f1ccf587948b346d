// Job: the only room that talks to kube-apiservers: facts of live objects from watches, dry runs, writes, whole objects on demand.
// May import: model, ports (and undici, js-yaml).
// Never: decides what to apply or when, keeps whole objects, or knows an application's spec.
import type { Clock, Clusters, Random } from '../ports/index.ts';
import { type ClustersOptions, createClustersOver } from './clusters.ts';
import type { Connection } from './connection.ts';
import { createHttpTransport } from './http-transport.ts';
import { type ClosableKubeApi, createKubeApiOver } from './raw.ts';

export { type ClustersOptions, createClustersOver, ownServer } from './clusters.ts';
export type { Connection } from './connection.ts';
export type { Assess } from './facts.ts';
export { inClusterConnection, loadKubeconfig } from './kubeconfig.ts';
export { type ClosableKubeApi, createKubeApiOver } from './raw.ts';
export { type Answer, type LineSink, type Outgoing, type Transport, TransportError } from './transport.ts';

const storeConnections = 16;

/** All clusters, over the network. */
export function createClusters(options: Omit<ClustersOptions, 'connect'>): Clusters {
  const now = (): number => options.clock.now();
  return createClustersOver({
    ...options,
    connect: (connection, concurrency) => createHttpTransport(connection, now, concurrency),
  });
}

/** Plain access to one apiserver, over the network, for the store. */
export function createKubeApi(connection: Connection, clock: Clock, random: Random): ClosableKubeApi {
  const transport = createHttpTransport(connection, () => clock.now(), storeConnections);
  return createKubeApiOver(transport, connection.server, clock, random);
}
