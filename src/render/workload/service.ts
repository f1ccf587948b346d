/** The Service of a workload. */
import type { JsonObject } from '../../model/index.ts';
import type { Workload } from './workload.ts';

/** One Service with all ports; none for a workload that nobody calls. */
export function serviceOf(
  { name, ports }: Workload,
  metadata: JsonObject,
  selector: JsonObject,
): readonly JsonObject[] {
  if (ports.length === 0) return [];
  const spec = {
    type: 'ClusterIP',
    selector,
    ports: ports.map((port) => ({
      name: port.name,
      port: port.port,
      targetPort: port.target,
      protocol: port.protocol,
    })),
  };
  return [{ apiVersion: 'v1', kind: 'Service', metadata: { ...metadata, name }, spec }];
}
