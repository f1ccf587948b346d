// The Go programs in toolchain/ and how each is built. Versions come from its go.mod, which alone says what is pinned.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A folder of toolchain/. */
export type ToolName = 'toolbox' | 'kubebox';

/** How to build one tool, and the name under which the result is kept. */
export type Recipe = {
  /** kubebox-lean is kubebox without what official Kubernetes binaries do. */
  readonly name: ToolName | 'kubebox-lean';
  readonly source: string;
  readonly title: string;
  readonly flags: readonly string[];
  /** CPU seconds of a build with nothing cached, as measured, and of linking alone. */
  readonly coldSeconds: number;
  readonly linkSeconds: number;
};

/** The recipe of a tool whose sources lie in `source`. */
export function recipeOf(name: Recipe['name'], source: string): Recipe {
  const modules = requiredModules(readFileSync(join(source, 'go.mod'), 'utf8'));
  const version = (module: string) => modules.get(module) ?? '?';
  if (name === 'toolbox') {
    const title = `toolbox (Helm ${version('helm.sh/helm/v4')}, Kustomize ${version('sigs.k8s.io/kustomize/api')})`;
    return { name, source, title, flags: buildFlags(''), coldSeconds: 300, linkSeconds: 8 };
  }
  const kwok = `kwok ${version('sigs.k8s.io/kwok')}`;
  if (name === 'kubebox-lean') {
    return { name, source, title: kwok, flags: ['-tags=lean', ...buildFlags('')], coldSeconds: 200, linkSeconds: 5 };
  }
  const kubernetes = version('k8s.io/kubernetes');
  const title = `kubebox (Kubernetes ${kubernetes}, etcd ${version('go.etcd.io/etcd/server/v3')}, ${kwok})`;
  return { name, source, title, flags: buildFlags(kubernetesVersion(kubernetes)), coldSeconds: 700, linkSeconds: 20 };
}

/** The version of each module that a go.mod requires directly or not; `replace` lines do not count. */
export function requiredModules(goMod: string): ReadonlyMap<string, string> {
  const modules = new Map<string, string>();
  for (const line of goMod.split('\n')) {
    const [, module, version] = /^(?:require )?\s*([^\s/]+\.[^\s]+) (v[^\s]+)/.exec(line) ?? [];
    if (module !== undefined && version !== undefined) modules.set(module, version);
  }
  return modules;
}

/** What the result depends on: every source file, the flags, the platform and the version of Go. */
export function keyOf({ name, source, flags }: Recipe, goVersion: string): string {
  const hash = createHash('sha256');
  const add = (text: string | Buffer) => hash.update(`${text.length}:`).update(text);
  for (const text of [name, ...flags, process.platform, process.arch, goVersion]) add(text);
  const files = readdirSync(source, { recursive: true, withFileTypes: true })
    .filter(
      (entry) => entry.isFile() && !/_test\.go$|\.md$/.test(entry.name) && !/[/\\]testdata\b/.test(entry.parentPath),
    )
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  for (const file of files) {
    add(file.slice(source.length));
    add(readFileSync(file));
  }
  return hash.digest('hex').slice(0, 24);
}

// No debug data, no paths of this machine, nothing from version control: the same sources make the same binary anywhere.
function buildFlags(ldflags: string): readonly string[] {
  return [
    '-trimpath',
    '-buildvcs=false',
    '-mod=readonly',
    '-gcflags=all=-dwarf=false',
    `-ldflags=${`-s -w ${ldflags}`.trim()}`,
  ];
}

// Kubernetes takes its version from the linker; without it the apiserver calls itself v0.0.0 and clients refuse it.
function kubernetesVersion(version: string): string {
  const [, major = '', minor = ''] = /^v(\d+)\.(\d+)/.exec(version) ?? [];
  const at = 'k8s.io/component-base/version';
  return `-X ${at}.gitVersion=${version} -X ${at}.gitMajor=${major} -X ${at}.gitMinor=${minor}`;
}
