/** Ingresses: one for each name of a route, with all its hosts. */
import type { JsonObject } from '../../model/index.ts';
import type { Route, Workload } from './workload.ts';

/** The Ingresses of a workload. */
export function ingressesOf(workload: Workload, metadata: JsonObject): readonly JsonObject[] {
  const byName = Map.groupBy(workload.routes, (route) => route.name);
  return [...byName].map(([name, routes]) => ({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { ...metadata, name, ...issuerOf(workload, metadata, routes) },
    spec: {
      ...(routes[0]?.ingressClass === undefined ? {} : { ingressClassName: routes[0].ingressClass }),
      ...tlsOf(routes),
      rules: routes.map((route) => ruleOf(workload.name, route)),
    },
  }));
}

// cert-manager makes the certificate that the Ingress names.
function issuerOf({ traits }: Workload, metadata: JsonObject, routes: readonly Route[]): JsonObject {
  if (traits.issuer === undefined || !routes.some((route) => route.tls !== undefined)) return {};
  const annotations = (metadata.annotations ?? {}) as JsonObject;
  return { annotations: { ...annotations, 'cert-manager.io/cluster-issuer': traits.issuer } };
}

function tlsOf(routes: readonly Route[]): JsonObject {
  const bySecret = Map.groupBy(
    routes.filter((route) => route.tls !== undefined),
    (route) => route.tls ?? '',
  );
  if (bySecret.size === 0) return {};
  return { tls: [...bySecret].map(([secretName, some]) => ({ hosts: some.map((route) => route.host), secretName })) };
}

function ruleOf(service: string, { host, path, port }: Route): JsonObject {
  const backend = { service: { name: service, port: { number: port } } };
  return { host, http: { paths: [{ path, pathType: 'Prefix', backend }] } };
}
