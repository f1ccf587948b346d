// Reads kept records and the keys to check them with. What cannot be read is as good as not there.
import { asEngineError, type JsonObject, objectAt } from '../model/index.ts';
import type { Evidence, KubeApi, ProofState } from '../ports/index.ts';
import { listRecords } from './record-writer.ts';
import { readPublicKeys } from './signing-key.ts';

/** The part of Evidence that lies in an API server; `check` decides with the published keys. */
export function openEvidence(
  api: KubeApi,
  controlNamespace: string,
  check: (proof: JsonObject, keys: ReadonlyMap<string, string>) => ProofState,
): Pick<Evidence, 'records' | 'check'> {
  let keys: Promise<ReadonlyMap<string, string> | undefined> | undefined;
  return {
    async records(namespace) {
      try {
        return (await listRecords(api, namespace)).map((item) => objectAt(item, 'spec'));
      } catch (thrown) {
        const { code } = asEngineError(thrown);
        if (code === 'kind-unknown' || code === 'object-not-found' || code === 'cluster-denied') return [];
        throw thrown;
      }
    },
    async check(proof) {
      keys ??= readPublicKeys(api, controlNamespace).catch(() => undefined);
      const known = await keys;
      if (known !== undefined) return check(proof, known);
      return check(proof, new Map()) === 'unsigned' ? 'unsigned' : 'unchecked';
    },
  };
}
