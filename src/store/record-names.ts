// Names, labels and bodies of CommitRecord resources: a record always gives the same ones.
import { type CommitRecord, type Json, type KubeObject, parseInstant, type SignedRecord } from '../model/index.ts';

const group = 'plumbline.dev';

/** The collection of kept records of a namespace, or of all. */
export function recordsPath(namespace?: string): string {
  const within = namespace === undefined ? '' : `namespaces/${encodeURIComponent(namespace)}/`;
  return `/apis/${group}/v1alpha1/${within}commitrecords`;
}

/** `<application>-<short revision>-<n>`; n tells apart the times at which one commit came to one application. */
export function recordName(record: CommitRecord): string {
  const [, name = ''] = record.application.split('/');
  const short = (record.revisions[0] ?? '')
    .toLowerCase()
    .replace(/[^a-z0-9.]/g, '')
    .slice(0, 7)
    .replace(/\.+$/, '');
  const n = Math.max(0, parseInstant(record.stages.seen) || 0).toString(36);
  return `${name.slice(0, 230)}-${short || 'none'}-${n}`;
}

/** How far a record is: two records of one name with equal states say the same. */
export function recordState(record: Pick<CommitRecord, 'outcome' | 'endedAt'>): string {
  return `${record.outcome} ${record.endedAt ?? ''}`;
}

/** The resource of a record. */
export function recordResource({ record, signature }: SignedRecord): KubeObject {
  const [namespace = '', name = ''] = record.application.split('/');
  const labels = {
    'app.kubernetes.io/managed-by': 'plumbline',
    [`${group}/application`]: labelOf(name),
    [`${group}/environment`]: labelOf(record.environment),
    [`${group}/revision`]: labelOf(record.revisions[0] ?? ''),
  };
  // What a record no longer says must go from the resource too.
  const plain = JSON.parse(JSON.stringify({ blocked: null, ...record })) as Json;
  return {
    apiVersion: `${group}/v1alpha1`,
    kind: 'CommitRecord',
    metadata: { namespace, name: recordName(record), labels },
    spec: { record: plain, signature: signature === undefined ? null : { ...signature } },
  };
}

/** What a label may hold of a text. */
function labelOf(text: string): string {
  return text
    .replace(/[^A-Za-z0-9_.-]+/g, '-')
    .slice(0, 63)
    .replace(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, '');
}
