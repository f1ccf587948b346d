// Everything that is wrong with settings, said in one place: ConfigMaps and Secrets of Argo CD as resources, from a
// cluster or from files.
import { X509Certificate } from 'node:crypto';
import { type KubeObject, readKustomizeBuild, type SettingFinding, type Settings, stringAt } from '../model/index.ts';
import { readCluster } from './cluster-credentials.ts';
import { readRepository, secretData, secretType } from './credentials.ts';
import { configKey, type KeyKnown, nearestKey, paramKey } from './known-keys.ts';
import { readNotifySettings } from './notify-settings.ts';
import { readSettings } from './settings.ts';
import { configData } from './trust.ts';

type Data = Readonly<Record<string, string>>;
type ParseDuration = Parameters<typeof readSettings>[1];

/** What settings mean, and what people have to know of them; values of Secrets are never told. */
export function checkSettings(
  resources: readonly KubeObject[],
  parseDuration: ParseDuration,
): { readonly settings: Settings; readonly findings: readonly SettingFinding[] } {
  const configMap = (name: string): Data => configData(named(resources, 'ConfigMap', name));
  const [config, params] = [configMap('argocd-cm'), configMap('argocd-cmd-params-cm')];
  const secret = named(resources, 'Secret', 'argocd-secret');
  const settings = readSettings({ config, params }, parseDuration);
  const notify = readNotifySettings(config, secret === undefined ? {} : secretData(secret), parseDuration);
  const findings = [
    ...[...settings.problems, ...notify.problems].map(problemOf),
    ...unknownKeys('argocd-cm', config, configKey),
    ...unknownKeys('argocd-cmd-params-cm', params, paramKey),
    ...unusedKeys('argocd-cm', config, configKey),
    ...unusedKeys('argocd-cmd-params-cm', params, paramKey),
    ...kustomizeBuilds(settings),
    ...certificates(configMap('argocd-tls-certs-cm')),
    ...knownHosts(configMap('argocd-ssh-known-hosts-cm')),
    ...resources.filter(({ kind }) => kind === 'Secret').flatMap(secretFindings),
  ];
  return { settings, findings };
}

function named(resources: readonly KubeObject[], kind: string, name: string): KubeObject | undefined {
  return resources.find((one) => one.kind === kind && stringAt(one.metadata, 'name') === name);
}

// `argocd-cm: key: what is wrong`; without a name it is argocd-cm, or the parameters where the key is one of theirs.
function problemOf(problem: string): SettingFinding {
  const [, map, rest = problem] = /^(argocd-[a-z-]+): (.*)$/s.exec(problem) ?? [];
  const [, key = '', message = rest] = /^([^\s:]+): (.*)$/s.exec(rest) ?? [];
  const home = map ?? (paramKey(key) === 'used' ? 'argocd-cmd-params-cm' : 'argocd-cm');
  return { level: 'error', object: home, key, message };
}

function unknownKeys(object: string, data: Data, known: (key: string) => KeyKnown): readonly SettingFinding[] {
  return Object.keys(data)
    .filter((key) => known(key) === 'unknown')
    .map((key) => {
      const meant = nearestKey(key);
      const hint = meant === undefined ? '' : `: did you mean ${meant}?`;
      return { level: 'warning', object, key, message: `neither Argo CD nor Plumbline knows this key${hint}` };
    });
}

function unusedKeys(object: string, data: Data, known: (key: string) => KeyKnown): readonly SettingFinding[] {
  return Object.keys(data)
    .filter((key) => known(key) === 'unused')
    .map((key) => ({ level: 'info', object, key, message: 'Argo CD reads this key, Plumbline does not' }));
}

function kustomizeBuilds({ kustomizeBuildOptions, kustomizeVersions }: Settings): readonly SettingFinding[] {
  const versions = Object.entries(kustomizeVersions);
  const all = [['', kustomizeBuildOptions] as const, ...versions.map(([name, text]) => [`.${name}`, text] as const)];
  const builtIn = versions.map(([name]): SettingFinding => {
    const message = `version ${name} is not run: kustomizations are built by the version that is built in`;
    return { level: 'info', object: 'argocd-cm', key: `kustomize.version.${name}`, message };
  });
  return all
    .flatMap(([suffix, text]) => {
      const { problems, notes } = readKustomizeBuild(text);
      const found = [...problems.map((message) => ({ level: 'error', message }) as const), ...notes];
      const key = `kustomize.buildOptions${suffix}`;
      return found.map((one): SettingFinding => ({ ...one, object: 'argocd-cm', key }));
    })
    .concat(builtIn);
}

function certificates(data: Data): readonly SettingFinding[] {
  const object = 'argocd-tls-certs-cm';
  return Object.entries(data).flatMap(([key, text]): readonly SettingFinding[] => {
    const blocks = text.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? [];
    if (blocks.length === 0) return [{ level: 'error', object, key, message: 'holds no certificate in PEM form' }];
    const bad = blocks.findIndex((block) => !readable(block));
    return bad < 0 ? [] : [{ level: 'error', object, key, message: `certificate ${bad + 1} cannot be read` }];
  });
}

function readable(block: string): boolean {
  try {
    return new X509Certificate(block).subject !== undefined;
  } catch {
    return false;
  }
}

const hostKeys = /^(?:@(?:cert-authority|revoked)\s+)?\S+\s+(?:ssh-|ecdsa-|sk-)[\w@.-]+\s+[A-Za-z0-9+/]+={0,2}(?:\s|$)/;

function knownHosts(data: Data): readonly SettingFinding[] {
  const key = 'ssh_known_hosts';
  return (data[key] ?? '').split('\n').flatMap((line, i): readonly SettingFinding[] => {
    const text = line.trim();
    if (text === '' || text.startsWith('#') || hostKeys.test(text)) return [];
    const message = `line ${i + 1} is no known host: HOST TYPE KEY`;
    return [{ level: 'error', object: 'argocd-ssh-known-hosts-cm', key, message }];
  });
}

const repositoryTypes = ['repository', 'repo-creds', 'repository-write', 'repo-write-creds'];
const otherTypes = ['cluster', 'scm-creds'];

function secretFindings(secret: KubeObject): readonly SettingFinding[] {
  const object = `Secret ${stringAt(secret.metadata, 'name') ?? ''}`;
  const type = secretType(secret);
  const told = (level: SettingFinding['level'], key: string, message: string) => [{ level, object, key, message }];
  if (type === '') return [];
  if (type === 'cluster') {
    const cluster = readCluster(secret);
    if (cluster === undefined) return told('error', 'server', 'the cluster has no server');
    return cluster.problem === undefined ? [] : told('error', 'config', cluster.problem);
  }
  if (repositoryTypes.includes(type)) {
    if (readRepository(secret) === undefined) return told('error', 'url', 'the repository has no url');
    const { type: form = '' } = secretData(secret);
    return ['', 'git', 'helm', 'oci'].includes(form) ? [] : told('error', 'type', 'must be one of git, helm, oci');
  }
  if (otherTypes.includes(type)) return [];
  return told('warning', 'argocd.argoproj.io/secret-type', `nobody knows this type of Secret: ${type}`);
}
