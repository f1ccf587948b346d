/** Score's resources of type `route`: a host and a path that lead to a port of the workload. */
import { countOf, flagOf, matching, type Problems, textOf } from './form.ts';
import type { Lookup } from './placeholders.ts';
import { known, paramText, type Resource } from './resources.ts';
import { objectName } from './traits.ts';
import type { Port, Route, Traits } from './workload.ts';

/** A host name, or one whose first label is `*`. */
export const hostForm = /^(?:\*\.)?[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?)*$/;
export const pathForm = /^\/[^\s\\]*$/;

type Asked = {
  readonly workload: string;
  readonly resource: Resource;
  readonly lookup: Lookup;
  readonly problems: Problems;
};

/** The route that a resource asks for; problems are noted. */
export function routeOf(asked: Asked, ports: readonly Port[], traits: Traits): Route | undefined {
  const { workload, resource, problems } = asked;
  const what = `resources.${resource.name}.params`;
  const params = known(asked, ['host', 'path', 'port', 'tls', 'ingressClass']);
  const host = paramText(asked, 'host');
  const path = paramText(asked, 'path') ?? '/';
  const place = params.get('host')?.place ?? resource.place;
  if (host === undefined) problems.push({ place, message: `${what}.host is missing` });
  else if (!hostForm.test(host)) problems.push({ place, message: `${what}.host is no host name: "${host}"` });
  if (!pathForm.test(path)) problems.push({ place: resource.place, message: `${what}.path must start with /` });
  const ingressClass =
    matching(params.get('ingressClass'), `${what}.ingressClass`, objectName, 'a name', problems) ?? traits.ingressClass;
  const port = portOf(asked, ports);
  if (host === undefined || port === undefined) return undefined;
  const name = `${workload}-${resource.name}`;
  const tlsNode = params.get('tls');
  const tlsText = textOf(tlsNode, `${what}.tls`, problems);
  const isFlag = tlsText === 'true' || tlsText === 'false';
  const tls = tlsNode === undefined ? traits.tls : isFlag ? flagOf(tlsNode, `${what}.tls`, problems) : tlsText;
  return {
    name,
    host,
    path,
    port,
    ...(ingressClass === undefined ? {} : { ingressClass }),
    ...secretOf(tls ?? false, name),
  };
}

/** The Secret of a route's certificate: named, or after the route. */
export function secretOf(tls: boolean | string, name: string): { readonly tls?: string } {
  if (tls === false) return {};
  return { tls: tls === true ? `${name}-tls` : tls };
}

// By the name of a port of the service, or its number.
function portOf({ resource, problems }: Asked, ports: readonly Port[]): number | undefined {
  const node = resource.params.get('port')?.node;
  const what = `resources.${resource.name}.params.port`;
  if (node === undefined) {
    if (ports.length === 1) return ports[0]?.port;
    const message = ports.length === 0 ? `${what}: the workload has no service.ports` : `${what} is missing`;
    problems.push({ place: resource.place, message });
    return undefined;
  }
  const text = textOf(node, what, problems);
  const found = ports.find((port) => port.name === text || String(port.port) === text);
  if (found !== undefined) return found.port;
  const names = ports.map((port) => `${port.name} (${port.port})`).join(', ') || 'none';
  if (text !== undefined && /^\d/.test(text) && countOf(node, what, [1, 65_535], problems) === undefined)
    return undefined;
  problems.push({ place: node.place, message: `${what} is no port of service.ports: ${names}` });
  return undefined;
}
