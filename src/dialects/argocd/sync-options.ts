// Sync options: Argo CD's strings (`Replace=true`) to typed fields and back.
import type { SyncOptions } from '../../model/index.ts';

/** What holds when nothing is said. Server-side apply is our default (Argo CD's is not): see the decision on diffing. */
export const defaultSyncOptions: SyncOptions = {
  validate: true,
  createNamespace: false,
  prunePropagation: 'foreground',
  pruneLast: false,
  replace: false,
  force: false,
  serverSideApply: true,
  migrateManagers: true,
  applyOutOfSyncOnly: false,
  respectIgnoreDifferences: false,
  failOnSharedResource: false,
  skipDryRunOnMissingResource: false,
  prune: 'yes',
  delete: 'yes',
};

type Flag = { [K in keyof SyncOptions]: SyncOptions[K] extends boolean ? K : never }[keyof SyncOptions];

const flags: Readonly<Record<string, Flag>> = {
  Validate: 'validate',
  CreateNamespace: 'createNamespace',
  PruneLast: 'pruneLast',
  Replace: 'replace',
  Force: 'force',
  ServerSideApply: 'serverSideApply',
  ClientSideApplyMigration: 'migrateManagers',
  ApplyOutOfSyncOnly: 'applyOutOfSyncOnly',
  RespectIgnoreDifferences: 'respectIgnoreDifferences',
  FailOnSharedResource: 'failOnSharedResource',
  SkipDryRunOnMissingResource: 'skipDryRunOnMissingResource',
};

const consents: Readonly<Record<string, SyncOptions['prune']>> = { true: 'yes', false: 'no', confirm: 'confirm' };
const propagations: readonly string[] = ['foreground', 'background', 'orphan'];

/** What the strings say, the last one of a name winning. What is unknown is ignored, as Argo CD does. */
export function readPartialOptions(strings: readonly string[]): Partial<SyncOptions> {
  let options: Partial<SyncOptions> = {};
  for (const entry of strings) options = { ...options, ...readEntry(entry) };
  return options;
}

/** Those of the strings that mean nothing: most often a typing error, or another case (`createNamespace=true`). */
export function unknownSyncOptions(strings: readonly string[]): readonly string[] {
  return strings.filter((entry) => Object.keys(readEntry(entry)).length === 0);
}

// A name alone says nothing to Argo CD either: an object must not be replaced because a value is missing.
function readEntry(entry: string): Partial<SyncOptions> {
  const split = entry.indexOf('=');
  return split < 0 ? {} : readOption(entry.slice(0, split).trim(), entry.slice(split + 1).trim());
}

/** The defaults with the given strings laid over them. */
export function readSyncOptions(strings: readonly string[]): SyncOptions {
  return strings.length === 0 ? defaultSyncOptions : { ...defaultSyncOptions, ...readPartialOptions(strings) };
}

/** The strings that turn the defaults into `options`. */
export function writeSyncOptions(options: SyncOptions): readonly string[] {
  const base = defaultSyncOptions;
  const strings: string[] = [];
  for (const [name, key] of Object.entries(flags))
    if (options[key] !== base[key]) strings.push(`${name}=${options[key]}`);
  if (options.prunePropagation !== base.prunePropagation)
    strings.push(`PrunePropagationPolicy=${options.prunePropagation}`);
  if (options.prune !== base.prune) strings.push(`Prune=${consentText(options.prune)}`);
  if (options.delete !== base.delete) strings.push(`Delete=${consentText(options.delete)}`);
  return strings;
}

function readOption(name: string, value: string): Partial<SyncOptions> {
  const flag = Object.hasOwn(flags, name) ? flags[name] : undefined;
  if (flag !== undefined) return value === 'true' || value === 'false' ? { [flag]: value === 'true' } : {};
  if (name === 'PrunePropagationPolicy')
    return propagations.includes(value) ? { prunePropagation: value as SyncOptions['prunePropagation'] } : {};
  const consent = Object.hasOwn(consents, value) ? consents[value] : undefined;
  if (consent === undefined) return {};
  return name === 'Prune' ? { prune: consent } : name === 'Delete' ? { delete: consent } : {};
}

function consentText(consent: SyncOptions['prune']): string {
  return consent === 'yes' ? 'true' : consent === 'no' ? 'false' : 'confirm';
}
