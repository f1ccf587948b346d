// The `plumbline.*` keys of argocd-cm that say who is told of verdicts. A key that cannot be read is a problem, and says so.
import { CORE_SCHEMA, load } from 'js-yaml';
import { isJsonObject, type Json, listAt, stringAt } from '../model/index.ts';
import type { NotifySettings, WebhookTarget } from '../ports/index.ts';

type Data = Readonly<Record<string, string>>;

/** Reads them; `secrets` is the data of argocd-secret, for values that are written as `$key`. */
export function readNotifySettings(config: Data, secrets: Data): NotifySettings {
  const problems: string[] = [];
  const on = (key: string): boolean => config[key]?.trim() === 'true';
  return {
    webhooks: readWebhooks(config['plumbline.alerts.webhooks'] ?? '', secrets, problems),
    notes: on('plumbline.writeback.notes'),
    refs: on('plumbline.writeback.refs'),
    refPrefix: config['plumbline.writeback.refPrefix']?.trim() || 'plumbline/',
    statuses: on('plumbline.writeback.statuses'),
    link: config['plumbline.link']?.trim() ?? '',
    problems,
  };
}

function readWebhooks(text: string, secrets: Data, problems: string[]): readonly WebhookTarget[] {
  const key = 'plumbline.alerts.webhooks';
  if (text.trim() === '') return [];
  let list: Json;
  try {
    list = load(text, { schema: CORE_SCHEMA }) as Json;
  } catch {
    problems.push(`argocd-cm: ${key}: is not YAML`);
    return [];
  }
  return listAt({ list }, 'list').flatMap((entry, i) => {
    const url = stringAt(entry, 'url') ?? '';
    const secret = resolve(stringAt(entry, 'secret'), secrets);
    if (!isJsonObject(entry) || !/^https?:\/\//.test(url) || secret === null) {
      const why = secret === null ? 'names a key that argocd-secret does not have' : 'has no http(s) url';
      problems.push(`argocd-cm: ${key}[${i}]: ${why}`);
      return [];
    }
    const kinds = listAt(entry, 'kinds').filter((kind): kind is string => typeof kind === 'string');
    return [
      {
        name: stringAt(entry, 'name') ?? `webhook-${i}`,
        url,
        ...(secret === undefined ? {} : { secret }),
        ...(kinds.length === 0 ? {} : { kinds }),
      },
    ];
  });
}

// null: the key that it names does not exist.
function resolve(value: string | undefined, secrets: Data): string | undefined | null {
  if (value === undefined || !value.startsWith('$')) return value;
  return secrets[value.slice(1)] ?? null;
}
