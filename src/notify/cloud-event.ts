// An alert as a CloudEvent 1.0 in JSON: what webhooks receive.
import type { Alert, JsonObject, RecordSignature } from '../model/index.ts';

/** `source` names this installation; `type` is `dev.plumbline.verdict.<kind>.v1`. The data is the alert's record. */
export function cloudEvent(alert: Alert, source: string, signature?: RecordSignature): JsonObject {
  const { record } = alert;
  return {
    specversion: '1.0',
    id: alert.id,
    source,
    type: `dev.plumbline.verdict.${alert.kind}.v1`,
    subject: `${record.environment}/${record.application}`,
    time: alert.at,
    datacontenttype: 'application/json',
    data: {
      kind: alert.kind,
      message: alert.message,
      ...(alert.symptoms === undefined ? {} : { symptoms: alert.symptoms }),
      record: { ...record, changes: record.changes.map((change) => ({ ...change })) },
      ...(signature === undefined ? {} : { signature }),
      differences: alert.differences.map(({ ref, fields }) => ({ ref, fields: fields.map((field) => ({ ...field })) })),
    },
  } as unknown as JsonObject;
}
