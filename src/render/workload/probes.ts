/** Probes: Score's, read; and Kubernetes' own, written. */

import type { JsonObject } from '../../model/index.ts';
import { countOf, fieldsOf, itemsOf, matching, needed, oneOf, type Problems, textOf, textsOf } from './form.ts';
import type { Node } from './node.ts';
import { pathForm } from './routes.ts';
import type { Handler } from './workload.ts';

/** Reads a Score probe. */
export function readProbe(node: Node | undefined, what: string, problems: Problems): Handler | undefined {
  const fields = fieldsOf(node, ['httpGet', 'exec'], what, problems);
  if (fields === undefined) return undefined;
  const exec = fieldsOf(fields.get('exec'), ['command'], `${what}.exec`, problems);
  if (exec !== undefined) {
    const command = textsOf(exec.get('command'), `${what}.exec.command`, problems);
    return command === undefined
      ? needed(undefined, exec.place, `${what}.exec.command`, problems)
      : { kind: 'exec', command };
  }
  const names = ['host', 'scheme', 'path', 'port', 'httpHeaders'] as const;
  const http = fieldsOf(fields.get('httpGet'), names, `${what}.httpGet`, problems);
  if (http === undefined) return needed(undefined, fields.place, `${what}.httpGet`, problems);
  const path = matching(http.get('path'), `${what}.httpGet.path`, pathForm, 'a path that starts with /', problems);
  const port = countOf(http.get('port'), `${what}.httpGet.port`, [1, 65_535], problems);
  needed(http.get('port'), http.place, `${what}.httpGet.port`, problems);
  needed(http.get('path'), http.place, `${what}.httpGet.path`, problems);
  const host = textOf(http.get('host'), `${what}.httpGet.host`, problems);
  const headers = itemsOf(http.get('httpHeaders'), `${what}.httpGet.httpHeaders`, problems).flatMap((item, i) => {
    const at = `${what}.httpGet.httpHeaders[${i}]`;
    const header = fieldsOf(item, ['name', 'value'], at, problems);
    const name = matching(header?.get('name'), `${at}.name`, /^[A-Za-z0-9_-]+$/, 'the name of a header', problems);
    const value = textOf(header?.get('value'), `${at}.value`, problems);
    return name === undefined || value === undefined ? [] : [{ name, value }];
  });
  return {
    kind: 'http',
    path: path ?? '/',
    port: port ?? 1,
    scheme: oneOf(http.get('scheme'), `${what}.httpGet.scheme`, ['HTTP', 'HTTPS'], problems) ?? 'HTTP',
    // Score's host is the header; Kubernetes' would be an address to connect to.
    headers: host === undefined ? headers : [{ name: 'Host', value: host }, ...headers],
  };
}

/**
 * The probes of a container. A slow start is given five minutes before liveness counts; readiness is quick to tell,
 * liveness slow to kill.
 */
export function probesOf(liveness: Handler | undefined, readiness: Handler | undefined): JsonObject {
  const start = liveness ?? readiness;
  if (start === undefined) return {};
  return {
    startupProbe: { ...handlerOf(start), periodSeconds: 5, timeoutSeconds: 5, failureThreshold: 60 },
    ...(liveness === undefined
      ? {}
      : { livenessProbe: { ...handlerOf(liveness), periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 6 } }),
    ...(readiness === undefined
      ? {}
      : { readinessProbe: { ...handlerOf(readiness), periodSeconds: 5, timeoutSeconds: 5, failureThreshold: 3 } }),
  };
}

function handlerOf(handler: Handler): JsonObject {
  switch (handler.kind) {
    case 'exec':
      return { exec: { command: handler.command } };
    case 'tcp':
      return { tcpSocket: { port: handler.port } };
    case 'http': {
      const { path, port, scheme, headers } = handler;
      return { httpGet: { path, port, scheme, ...(headers.length === 0 ? {} : { httpHeaders: headers }) } };
    }
  }
}
