// Source integrity: whether what is deployed is signed by somebody whom the project trusts (sourceIntegrity, signatureKeys).
import {
  type Hold,
  type IntegrityPolicy,
  isSignedBy,
  matchesGlob,
  type Project,
  type SignatureFacts,
} from '../model/index.ts';
import { normalRepository } from './repository.ts';

/** A policy that asks for signatures. */
export type SignaturePolicy = IntegrityPolicy & { readonly mode: 'head' | 'strict' };

/** The policy for a repository: the first that names it, as in Argo CD. Undefined where signatures do not matter. */
export function signaturePolicy(project: Pick<Project, 'integrity'>, repoURL: string): SignaturePolicy | undefined {
  if (project.integrity === undefined) return undefined;
  const address = normalRepository(repoURL);
  const fits = (pattern: string) => matchesGlob(normalRepository(pattern), address);
  const policy = project.integrity.find(({ repos }) => {
    const excluded = repos.some((pattern) => pattern.startsWith('!') && fits(pattern.slice(1)));
    return !excluded && repos.some((pattern) => !pattern.startsWith('!') && fits(pattern));
  });
  return policy === undefined || policy.mode === 'none' ? undefined : { ...policy, mode: policy.mode };
}

/** The hold for what is not signed as the project asks; undefined when all of it is. `facts` come newest first. */
export function integrityHold(
  project: Pick<Project, 'name'>,
  policy: SignaturePolicy,
  repoURL: string,
  facts: readonly SignatureFacts[],
): Hold | undefined {
  const [first, ...more] = facts.filter((one) => !isSignedBy(one, policy.keys));
  if (first === undefined) return undefined;
  const others = more.length === 0 ? '' : `, and so for ${more.length} more`;
  return unsigned(`${first.what} of ${repoURL} ${lackOf(project, first)}${others}`);
}

/** A hold of this rule. */
export function unsigned(message: string): Hold {
  return { reason: 'source-integrity', message, objects: [] };
}

function lackOf(project: Pick<Project, 'name'>, { signature, keys }: SignatureFacts): string {
  if (signature === 'none') return 'is not signed';
  if (signature === 'bad') return 'has a signature that is wrong';
  const key = keys[0] === undefined ? 'a key' : `key ${keys[0]}`;
  if (signature === 'good') return `is signed by ${key}, which project ${project.name} does not allow`;
  return `is signed by ${key}, which is not known here, has expired or was revoked`;
}
