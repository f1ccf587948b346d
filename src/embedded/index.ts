// Job: runs a real Kubernetes control plane on loopback for the demo, the tests and `plumb cluster`, and leaves no trace of it.
// May import: model, ports (in practice node:* alone).
// Never: builds or finds binaries (it is told where they are), knows Git or Applications, or outlives its owner unless asked to.

export type { Binaries, Component } from './binaries.ts';
export type { ClusterRecord, ClusterStatus, ClusterWish } from './clusters.ts';
export { clusterKubeconfig, downCluster, listClusters, runtimeFolder, upCluster } from './clusters.ts';
export type { ControlPlane, ControlPlaneOptions } from './control-plane.ts';
export { startControlPlane } from './control-plane.ts';
export type { Answer, Ask } from './kube.ts';
export { kubeClient } from './kube.ts';
export type { Kubeconfig } from './kubeconfig.ts';
export { readKubeconfig } from './kubeconfig.ts';
