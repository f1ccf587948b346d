import type { Address } from '../address.ts';

/** `key=value` settings of one git process, handed over by the environment so that nothing shows in argv. */
export type GitSettings = readonly (readonly [key: string, value: string])[];

/** Mistakes of old tools in authors, dates and names: they harm no reader, and many old repositories have them. */
const forgiven = [
  'badDate',
  'badDateOverflow',
  'badEmail',
  'badName',
  'badTimezone',
  'badTagName',
  'missingEmail',
  'missingNameBeforeEmail',
  'missingSpaceBeforeDate',
  'missingSpaceBeforeEmail',
  'missingTaggerEntry',
  'multipleAuthors',
  'zeroPaddedDate',
  'zeroPaddedFilemode',
  'nullSha1',
  'extraHeaderEntry',
  'gitmodulesUrl',
  'gitmodulesParse',
  'gitmodulesName',
  'gitmodulesPath',
  'gitmodulesUpdate',
];

/**
 * What every git process of ours is told: no hooks, no helpers, no prompts, no transport but the one that the address
 * names, and objects are checked when they arrive. (Submodules are read by our own rules, so that a strange
 * .gitmodules harms nobody who does not use it.)
 */
export function hardenedSettings(transport: Address['transport'] | 'none'): GitSettings {
  return [
    ['core.hooksPath', '/dev/null'],
    ['core.fsmonitor', 'false'],
    ['core.askPass', ''],
    ['credential.helper', ''],
    ['gc.auto', '0'],
    ['maintenance.auto', 'false'],
    ['protocol.allow', 'never'],
    ...(transport === 'none' ? [] : [[`protocol.${transport}.allow`, 'always'] as const]),
    ['protocol.version', '2'],
    ['transfer.fsckObjects', 'true'],
    ...forgiven.map((id) => [`fetch.fsck.${id}`, 'ignore'] as const),
    ['fetch.recurseSubmodules', 'false'],
    ['fetch.showForcedUpdates', 'false'],
    ['fetch.writeCommitGraph', 'false'],
    ['http.lowSpeedLimit', '1'],
    ['http.lowSpeedTime', '60'],
  ];
}

/** The settings as environment variables. */
export function asEnvironment(settings: GitSettings): Record<string, string> {
  const env: Record<string, string> = { GIT_CONFIG_COUNT: String(settings.length) };
  for (const [i, [key, value]] of settings.entries()) {
    env[`GIT_CONFIG_KEY_${i}`] = key;
    env[`GIT_CONFIG_VALUE_${i}`] = value;
  }
  return env;
}
