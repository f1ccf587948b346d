// The `plumbline.*` keys of argocd-cm that say who is told of verdicts. A key that cannot be read is a problem, and says so.
import { CORE_SCHEMA, load } from 'js-yaml';
import { alertKinds, isJsonObject, type Json, listAt, stringAt } from '../model/index.ts';
import type { ForgeKind, ForgeSetting, NotifySettings, WebhookTarget } from '../ports/index.ts';

type Data = Readonly<Record<string, string>>;

/** Records kept for each application unless a setting says otherwise. */
const usualKeep = 50;

/** Reads them; `secrets` is the data of argocd-secret, for values that are written as `$key`. */
export function readNotifySettings(
  config: Data,
  secrets: Data,
  parseDuration: (text: string) => number | undefined,
): NotifySettings {
  const problems: string[] = [];
  const number = (key: string, otherwise: number, read: (text: string) => number | undefined): number => {
    const text = config[key]?.trim() ?? '';
    const value = text === '' ? otherwise : read(text);
    if (value !== undefined && value >= 0) return value;
    problems.push(`argocd-cm: ${key}: is not understood: ${text.slice(0, 40)}`);
    return otherwise;
  };
  const on = (key: string): boolean => {
    const text = config[key]?.trim() ?? '';
    if (!['', 'true', 'false'].includes(text)) problems.push(`argocd-cm: ${key}: must be one of true, false`);
    return text === 'true';
  };
  return {
    webhooks: readWebhooks(config['plumbline.alerts.webhooks'] ?? '', secrets, problems),
    notes: on('plumbline.writeback.notes'),
    refs: on('plumbline.writeback.refs'),
    refPrefix: config['plumbline.writeback.refPrefix']?.trim() || 'plumbline/',
    statuses: on('plumbline.writeback.statuses'),
    comments: on('plumbline.writeback.comments'),
    forges: readForges(config['plumbline.forges'] ?? '', problems),
    link: config['plumbline.link']?.trim() ?? '',
    recordsKeep: number('plumbline.records.keep', usualKeep, (text) =>
      /^\d{1,6}$/.test(text) ? Number(text) : undefined,
    ),
    recordsMaxAge: number('plumbline.records.maxAge', 0, readAge(parseDuration)),
    problems,
  };
}

// Ages are told in days more often than in hours.
function readAge(parseDuration: (text: string) => number | undefined): (text: string) => number | undefined {
  return (text) => {
    const days = /^(\d{1,5})d$/.exec(text)?.[1];
    return days === undefined ? parseDuration(text) : Number(days) * 24 * 3_600_000;
  };
}

function readWebhooks(text: string, secrets: Data, problems: string[]): readonly WebhookTarget[] {
  const key = 'plumbline.alerts.webhooks';
  return readList(key, text, problems).flatMap((entry, i) => {
    const url = stringAt(entry, 'url') ?? '';
    const secret = resolve(stringAt(entry, 'secret'), secrets);
    if (!isJsonObject(entry) || !/^https?:\/\//.test(url) || secret === null) {
      const why = secret === null ? 'names a key that argocd-secret does not have' : 'has no http(s) url';
      problems.push(`argocd-cm: ${key}[${i}]: ${why}`);
      return [];
    }
    const wanted = listAt(entry, 'kinds');
    const kinds = alertKinds.filter((kind) => wanted.includes(kind));
    const unknown = wanted.find((kind) => !alertKinds.some((one) => one === kind));
    if (unknown !== undefined) {
      const said = String(unknown).slice(0, 40);
      problems.push(`argocd-cm: ${key}[${i}]: no alert is of this kind: ${said}: use ${alertKinds.join(', ')}`);
    }
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

function readList(key: string, text: string, problems: string[]): readonly Json[] {
  if (text.trim() === '') return [];
  try {
    const list = load(text, { schema: CORE_SCHEMA }) as Json;
    return listAt({ list }, 'list');
  } catch {
    problems.push(`argocd-cm: ${key}: is not YAML`);
    return [];
  }
}

const forgeKinds: readonly string[] = ['github', 'gitlab', 'gitea', 'bitbucket', 'bitbucket-server', 'azure'];

function readForges(text: string, problems: string[]): readonly ForgeSetting[] {
  const key = 'plumbline.forges';
  return readList(key, text, problems).flatMap((entry, i) => {
    const host = stringAt(entry, 'host')?.trim().toLowerCase() ?? '';
    const written = stringAt(entry, 'kind') ?? '';
    const kind = written === 'forgejo' ? 'gitea' : written;
    const api = stringAt(entry, 'api');
    const wrongApi = api !== undefined && !/^https?:\/\/[^/]/.test(api);
    if (!/^[a-z0-9.-]+(?::\d+)?$/.test(host) || !forgeKinds.includes(kind) || wrongApi) {
      const why = wrongApi ? 'api is no http(s) address' : `needs a host, and a kind of ${forgeKinds.join(', ')}`;
      problems.push(`argocd-cm: ${key}[${i}]: ${why}`);
      return [];
    }
    return [{ host, kind: kind as ForgeKind, ...(api === undefined ? {} : { api }) }];
  });
}
