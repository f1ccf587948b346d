// What the store cannot tell of settings: whether the scripts and expressions in them can be read at all.
import type { SettingFinding } from '../../model/index.ts';
import type { CheckedSettings, Languages } from '../../ports/index.ts';
import { faultsOf } from '../ignore.ts';

const object = 'argocd-cm';
const family = 'resource.customizations';

/** Everything that people have to know of settings. EngineError `toolbox-failed` when no script can be read. */
export async function settingFindings(
  { settings, findings }: CheckedSettings,
  languages: Languages | undefined,
): Promise<readonly SettingFinding[]> {
  if (languages === undefined) return findings;
  const scripts = [
    ...settings.healthScripts.map((one) => ({ key: keyOf('health', one), script: one.script })),
    ...settings.actions.flatMap((one) => {
      const key = keyOf('actions', one);
      const discovery = one.discovery.trim() === '' ? [] : [{ key, script: one.discovery }];
      return [...discovery, ...one.definitions.map(({ script }) => ({ key, script }))];
    }),
  ];
  const faults = await Promise.all(
    scripts.map(async ({ key, script }) => fault(key, await compiled(languages, script))),
  );
  const unread = (await faultsOf(languages, settings.ignoreDifferences)).map(({ message }) => ({
    level: 'error' as const,
    object,
    key: `${family}.ignoreDifferences`,
    message: message.replace(/^ignoreDifferences: /, ''),
  }));
  return [...findings, ...faults.flat(), ...unread];
}

function keyOf(what: string, { group, kind }: { readonly group: string; readonly kind: string }): string {
  return `${family}.${what}.${group === '' ? kind : `${group}_${kind}`}`;
}

function fault(key: string, message: string | undefined): readonly SettingFinding[] {
  return message === undefined ? [] : [{ level: 'error', object, key, message }];
}

// Read as the body of a function that nobody calls: it is compiled and not run.
async function compiled(languages: Languages, script: string): Promise<string | undefined> {
  const [run] = await languages.lua(`local function unused() ${script}\nend\nreturn true`, [{ obj: '{}' }], {
    openLibs: false,
  });
  return run?.ok === false ? run.message : undefined;
}
