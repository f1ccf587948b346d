// The machines of a control plane that has none: Node objects that kwok keeps Ready and whose kubelet it plays.
import type { Ask } from './kube.ts';

/** Creates `count` nodes named node-0, node-1, …; those that exist are left alone. Returns what the server refused. */
export async function createNodes(ask: Ask, count: number): Promise<string | undefined> {
  for (let i = 0; i < count; i++) {
    const { status, body } = await ask('POST', '/api/v1/nodes', node(`node-${i}`));
    if (status !== 201 && status !== 409) return `node node-${i}: ${status} ${body.slice(0, 200)}`;
  }
  return undefined;
}

/** Whether all `count` nodes are Ready and take pods. */
export async function nodesReady(ask: Ask, count: number): Promise<boolean> {
  const { status, body } = await ask('GET', '/api/v1/nodes?resourceVersion=0');
  if (status !== 200) return false;
  const nodes = (JSON.parse(body) as { items: readonly LiveNode[] }).items;
  return nodes.filter(isReady).length >= count;
}

type LiveNode = {
  readonly spec?: { readonly taints?: readonly { readonly effect: string }[] };
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
};

function isReady({ spec, status }: LiveNode): boolean {
  const ready = status?.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True');
  return ready === true && (spec?.taints ?? []).every((taint) => taint.effect === 'PreferNoSchedule');
}

function node(name: string): unknown {
  const capacity = { cpu: '64', memory: '256Gi', pods: '10000', 'ephemeral-storage': '1Ti' };
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      annotations: { 'kwok.x-k8s.io/node': 'fake', 'node.alpha.kubernetes.io/ttl': '0' },
      labels: {
        type: 'kwok',
        'kubernetes.io/hostname': name,
        'kubernetes.io/os': 'linux',
        'kubernetes.io/arch': 'amd64',
        'kubernetes.io/role': 'agent',
        'node-role.kubernetes.io/agent': '',
      },
    },
    status: { capacity, allocatable: capacity },
  };
}
