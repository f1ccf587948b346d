// The command line flags of each component: a throw-away control plane that is quick to start and does not throttle anyone.
import { join } from 'node:path';
import type { Component } from './binaries.ts';

/** What the flags depend on. `etcd` is the path of a Unix socket: no port, and closed to other users of the machine. */
export type Layout = {
  readonly dir: string;
  readonly port: number;
  readonly etcd: string;
  readonly features: Readonly<Record<string, boolean>>;
  readonly durable: boolean;
};

/** The flags of one component in this layout. */
export function flagsOf(component: Component, layout: Layout): readonly string[] {
  switch (component) {
    case 'etcd':
      return etcdFlags(layout);
    case 'kube-apiserver':
      return apiserverFlags(layout);
    case 'kube-controller-manager':
      return controllerManagerFlags(layout);
    case 'kube-scheduler':
      return schedulerFlags(layout);
    case 'kwok':
      return kwokFlags(layout);
  }
}

/** The path of a client's kubeconfig inside the control plane's directory. */
export function kubeconfigOf(dir: string, client: string): string {
  return join(dir, `${client}.kubeconfig`);
}

function etcdFlags({ dir, etcd, durable }: Layout): readonly string[] {
  const client = `unix://${etcd}`;
  const peer = `unix://${etcd}-peer`;
  return [
    '--name=default',
    `--data-dir=${join(dir, 'etcd')}`,
    `--listen-client-urls=${client}`,
    `--advertise-client-urls=${client}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=default=${peer}`,
    '--quota-backend-bytes=4294967296',
    '--auto-compaction-mode=periodic',
    '--auto-compaction-retention=10m',
    '--snapshot-count=100000',
    '--heartbeat-interval=500',
    '--election-timeout=2500',
    '--log-level=warn',
    ...(durable ? [] : ['--unsafe-no-fsync']),
  ];
}

function apiserverFlags({ dir, etcd, port, features }: Layout): readonly string[] {
  const pki = (file: string) => join(dir, 'pki', file);
  return [
    `--etcd-servers=unix://${etcd}`,
    '--bind-address=127.0.0.1',
    '--advertise-address=127.0.0.1',
    `--secure-port=${port}`,
    '--endpoint-reconciler-type=none',
    `--tls-cert-file=${pki('server.crt')}`,
    `--tls-private-key-file=${pki('server.key')}`,
    `--client-ca-file=${pki('ca.crt')}`,
    `--requestheader-client-ca-file=${pki('ca.crt')}`,
    '--requestheader-allowed-names=front-proxy-client',
    '--requestheader-username-headers=X-Remote-User',
    '--requestheader-group-headers=X-Remote-Group',
    '--requestheader-extra-headers-prefix=X-Remote-Extra-',
    `--proxy-client-cert-file=${pki('front-proxy.crt')}`,
    `--proxy-client-key-file=${pki('front-proxy.key')}`,
    `--service-account-key-file=${pki('sa.pub')}`,
    `--service-account-signing-key-file=${pki('sa.key')}`,
    '--service-account-issuer=https://kubernetes.default.svc',
    '--authorization-mode=Node,RBAC',
    '--enable-admission-plugins=NodeRestriction',
    '--service-cluster-ip-range=10.0.0.0/12',
    '--allow-privileged=true',
    '--max-requests-inflight=2000',
    '--max-mutating-requests-inflight=1000',
    '--event-ttl=30m',
    '--delete-collection-workers=8',
    '--profiling=false',
    ...featureGates(features),
  ];
}

function controllerManagerFlags({ dir, features }: Layout): readonly string[] {
  const pki = (file: string) => join(dir, 'pki', file);
  const quick = ['deployment', 'replicaset', 'statefulset', 'daemonset', 'job', 'namespace', 'gc', 'service-endpoint'];
  return [
    `--kubeconfig=${kubeconfigOf(dir, 'controller-manager')}`,
    '--leader-elect=false',
    '--secure-port=0',
    '--use-service-account-credentials=true',
    `--root-ca-file=${pki('ca.crt')}`,
    `--service-account-private-key-file=${pki('sa.key')}`,
    `--cluster-signing-cert-file=${pki('ca.crt')}`,
    `--cluster-signing-key-file=${pki('ca.key')}`,
    '--controllers=*,bootstrapsigner,tokencleaner',
    '--kube-api-qps=2000',
    '--kube-api-burst=4000',
    ...quick.map((controller) => `--concurrent-${controller}-syncs=20`),
    '--concurrent-serviceaccount-token-syncs=20',
    '--node-monitor-grace-period=50s',
    '--profiling=false',
    ...featureGates(features),
  ];
}

function schedulerFlags({ dir, features }: Layout): readonly string[] {
  return [
    `--kubeconfig=${kubeconfigOf(dir, 'scheduler')}`,
    '--leader-elect=false',
    '--secure-port=0',
    '--kube-api-qps=2000',
    '--kube-api-burst=4000',
    '--profiling=false',
    ...featureGates(features),
  ];
}

function kwokFlags({ dir }: Layout): readonly string[] {
  return [
    `--kubeconfig=${kubeconfigOf(dir, 'kwok')}`,
    `--config=${join(dir, 'stages.yaml')}`,
    '--manage-all-nodes=true',
    '--node-lease-duration-seconds=40',
    '--node-ip=127.0.0.1',
    '--v=WARN',
  ];
}

function featureGates(features: Readonly<Record<string, boolean>>): readonly string[] {
  const pairs = Object.entries(features).map(([gate, on]) => `${gate}=${on}`);
  return pairs.length === 0 ? [] : [`--feature-gates=${pairs.join(',')}`];
}
