/** The cluster's version as charts compare it. */
import { EngineError } from '../model/index.ts';

/** Vendors' suffixes (`-eks-1`, `+k3s1`) are cut off: charts compare versions as semantic ones. '' means none. */
export function kubeVersionOf(written: string, tool: string): { readonly kubeVersion?: string } {
  if (written === '') return {};
  const version = /^\s*v?(\d+(?:\.\d+)+)/.exec(written)?.[1];
  if (version !== undefined) return { kubeVersion: version };
  throw new EngineError('app-invalid', `${tool}: not a Kubernetes version: ${written}`, { about: written });
}
