import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import {
  canDownload,
  downloadOfficial,
  officialDownloaded,
  officialNames,
  officialOnPath,
  type ReleaseHosts,
} from './official.ts';

const root = mkdtempSync(join(tmpdir(), 'plumbline-official-'));
after(() => rmSync(root, { recursive: true, force: true }));
const pinned = { kubernetes: 'v1.37.2', etcd: 'v3.7.3' };

function binaries(versions: Readonly<Record<string, string>>): string {
  const dir = mkdtempSync(join(root, 'bin-'));
  for (const [name, version] of Object.entries(versions)) {
    writeFileSync(join(dir, name), `#!/bin/sh\necho '${version}'\n`);
    chmodSync(join(dir, name), 0o755);
  }
  return dir;
}

const kubernetes = (version: string) => ({
  'kube-apiserver': `Kubernetes ${version}`,
  'kube-controller-manager': `Kubernetes ${version}`,
  'kube-scheduler': `Kubernetes ${version}`,
});

const cases = [
  {
    reason: 'the pinned version',
    found: true,
    versions: { ...kubernetes('v1.37.2'), etcd: 'etcd Version: 3.7.3\nGo: go1.26' },
  },
  { reason: 'a little older', found: true, versions: { ...kubernetes('v1.35.0'), etcd: 'etcd Version: 3.6.1' } },
  { reason: 'too old', found: false, versions: { ...kubernetes('v1.30.9'), etcd: 'etcd Version: 3.7.3' } },
  { reason: 'etcd too old', found: false, versions: { ...kubernetes('v1.37.2'), etcd: 'etcd Version: 3.4.9' } },
  { reason: 'one is missing', found: false, versions: kubernetes('v1.37.2') },
  {
    reason: 'they do not belong together',
    found: false,
    versions: { ...kubernetes('v1.37.2'), 'kube-scheduler': 'Kubernetes v1.36.0', etcd: 'etcd Version: 3.7.3' },
  },
];

describe('official binaries on PATH', () => {
  for (const { reason, found, versions } of cases) {
    test(`${found ? 'used' : 'left alone'}: ${reason}`, async () => {
      const set = await officialOnPath(`/nowhere:${binaries(versions)}`, pinned);
      assert.equal(set !== undefined, found);
    });
  }
});

describe('official binaries from the release host', { skip: process.platform !== 'linux' }, () => {
  const files = new Map<string, Buffer>();
  let server: Server;
  let hosts: ReleaseHosts;

  before(async () => {
    server = createServer((asked, answer) => {
      const file = files.get(asked.url ?? '');
      answer.writeHead(file === undefined ? 404 : 200).end(file);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const at = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    hosts = { kubernetes: `${at}/release`, etcd: `${at}/etcd` };
    publish();
  });
  after(() => server.close());

  function publish(): void {
    const arch = process.arch === 'x64' ? 'amd64' : process.arch;
    const sum = (content: Buffer) => createHash('sha256').update(content).digest('hex');
    for (const name of officialNames.slice(1)) {
      const content = Buffer.from(`#!/bin/sh\necho ${name}\n`);
      files.set(`/release/v1.37.2/bin/linux/${arch}/${name}`, content);
      files.set(`/release/v1.37.2/bin/linux/${arch}/${name}.sha256`, Buffer.from(sum(content)));
    }
    const release = `etcd-v3.7.3-linux-${arch}`;
    mkdirSync(join(root, release));
    writeFileSync(join(root, release, 'etcd'), '#!/bin/sh\necho etcd\n');
    execFileSync('tar', ['-czf', 'etcd.tgz', release], { cwd: root });
    const archive = readFileSync(join(root, 'etcd.tgz'));
    files.set(`/etcd/v3.7.3/${release}.tar.gz`, archive);
    files.set('/etcd/v3.7.3/SHA256SUMS', Buffer.from(`0  other.zip\n${sum(archive)}  ${release}.tar.gz\n`));
  }

  test('come complete and executable', async () => {
    const folder = join(root, 'good');
    assert.ok(await canDownload(pinned, hosts, 2000));
    const set = await downloadOfficial(folder, pinned, hosts, () => undefined);
    for (const name of officialNames) assert.equal(execFileSync(set[name], { encoding: 'utf8' }).trim(), name);
    assert.deepEqual(officialDownloaded(folder), set);
  });

  test('are refused when a checksum differs, and nothing of them stays', async () => {
    const [name = ''] = [...files.keys()].filter((path) => path.endsWith('kube-scheduler'));
    files.set(name, Buffer.from('something else'));
    const folder = join(root, 'bad');
    await assert.rejects(
      downloadOfficial(folder, pinned, hosts, () => undefined),
      /checksum differs/,
    );
    assert.equal(officialDownloaded(folder), undefined);
    assert.deepEqual(
      readdirSync(root).filter((entry) => entry.startsWith('bad')),
      [],
    );
  });

  test('are not waited for', async () => {
    const begin = Date.now();
    assert.equal(await canDownload(pinned, { ...hosts, kubernetes: 'http://127.0.0.1:9' }, 500), false);
    assert.ok(Date.now() - begin < 2000);
  });
});
