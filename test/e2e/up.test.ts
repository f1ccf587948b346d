// The promise: `plumb up` works as a newcomer meets it: it plays by itself, the lines that it prints to copy are true, and
// nothing is left of it.
import assert from 'node:assert/strict';
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import { installCrds, sharedKubeApi } from '../harness/application-crds.ts';
import { freshNamespace, sharedControlPlane } from '../harness/control-plane.ts';

const plumb = resolve(import.meta.dirname, '../../plumb');
const minute = 60_000;

type Run = {
  readonly child: ChildProcess;
  readonly text: () => string;
  /** Resolves when the output matches. */
  readonly says: (pattern: RegExp) => Promise<RegExpMatchArray>;
  readonly code: Promise<number | null>;
};

// In a directory and with temporary files of its own, so that everything it leaves there would be found.
function up(t: TestContext, temporary: string, ...flags: readonly string[]): Run {
  const path = `${dirname(process.execPath)}:${process.env.PATH}`;
  const env = { ...process.env, PATH: path, TMPDIR: temporary, LC_ALL: 'C.UTF-8', TERM: 'xterm', KUBECONFIG: '' };
  const child = spawn(plumb, ['up', ...flags], { cwd: temporary, env, stdio: ['ignore', 'pipe', 'pipe'] });
  t.after(() => child.kill('SIGKILL'));
  let text = '';
  let look = (): void => {};
  const hear = (chunk: Buffer): void => {
    text += chunk.toString();
    look();
  };
  child.stdout.on('data', hear);
  child.stderr.on('data', hear);
  const code = new Promise<number | null>((done, failed) => {
    child.once('exit', done);
    setTimeout(() => failed(new Error(`still runs:\n${text}`)), 2 * minute).unref();
  });
  code.catch(() => {});
  const says = (pattern: RegExp): Promise<RegExpMatchArray> =>
    new Promise((found, failed) => {
      const late = setTimeout(() => failed(new Error(`does not say ${pattern}:\n${text}`)), minute);
      late.unref();
      look = () => {
        const match = text.match(pattern);
        if (match !== null) found(match);
      };
      void code.then(() => failed(new Error(`ended without saying ${pattern}:\n${text}`)));
      look();
    });
  return { child, text: () => text, says, code };
}

function leftBehind(temporary: string): readonly string[] {
  return readdirSync(temporary).filter((name) => name.startsWith('plumb'));
}

test('--exit plays a commit, changes by hand and a rollback, and all of it is so in the cluster', {
  timeout: 3 * minute,
}, async (t) => {
  const temporary = mkdtempSync(join(tmpdir(), 'up-exit-'));
  const run = up(t, temporary, '--exit', '--namespace', 'gitops');
  const code = await run.code;
  const text = run.text();
  assert.equal(code, 0, text);
  assert.match(text, /8 applications, \d+ objects: Synced and Healthy after /);
  assert.match(
    text,
    /✓ git push: storefront:1\.5\.0, 4 replicas .* 4 of 4 ready, storefront:1\.5\.0 \(commit [0-9a-f]{7}\)/,
  );
  assert.match(text, /✓ by hand: scale deployment\/storefront to 1 .* 4 of 4 ready/);
  assert.match(text, /✓ by hand: delete service\/catalog .* is there again/);
  assert.match(
    text,
    /✓ the verdict is written back to Git .* plumbline\/production is at [0-9a-f]{7}; .*signed by [0-9a-f]{16}/,
  );
  assert.match(text, /✓ rollback of storefront .* 3 of 3 ready, storefront:1\.4\.0; pinned/);
  assert.deepEqual(leftBehind(temporary), []);
  rmSync(temporary, { recursive: true, force: true });
});

test('the lines to copy do what they say, and Ctrl-C ends everything soon', { timeout: 5 * minute }, async (t) => {
  const temporary = mkdtempSync(join(tmpdir(), 'up-stay-'));
  const run = up(t, temporary);
  await run.says(/Watching\. Ctrl-C ends it/);
  const setup = linesBelow(run.text(), 'In another terminal');
  const shell = async (...lines: readonly string[]): Promise<string> => {
    const env = { ...process.env, PATH: `${dirname(process.execPath)}:${process.env.PATH}` };
    const script = ['set -e', ...setup, ...lines].join('\n');
    const { stdout, stderr } = await promisify(execFile)('sh', ['-c', script], { env, timeout: 2 * minute });
    return stdout + stderr;
  };
  const pushed = await shell(...linesBelow(run.text(), 'Push a commit'));
  assert.match(pushed, /plumbline: told the engine/);
  assert.match(pushed, /has converged in 8 of 8 applications/);
  await shell(...linesBelow(run.text(), 'Change something by hand, and see it put right'));
  await run.says(/storefront +changed in the cluster: Deployment shop\/storefront/);
  await shell(`until ${plumb} app resources catalog-production | grep -q '^Service .*Synced'; do :; done`);
  const [fetch = '', ...questions] = linesBelow(run.text(), 'Ask Git what is live, and who says so');
  const note = 'git notes --ref=plumbline/production show main >/dev/null 2>&1';
  await shell(`until ${fetch} && git merge-base --is-ancestor main origin/plumbline/production && ${note}; do :; done`);
  const told = await shell(...questions);
  assert.match(told, /^[0-9a-f]{7} Five storefronts\n/m);
  assert.match(told, /"outcome":"converged"/);
  assert.match(told, /storefront +converged/);
  const back = await shell(...linesBelow(run.text(), 'Roll back: it holds until the next commit'));
  assert.match(back, /Pinned/);
  await run.says(/storefront .*pinned until the next commit/);
  const around = await shell(...linesBelow(run.text(), 'Look around').filter((line) => !line.startsWith('tail')));
  assert.match(around, /argocd_app_info/);
  const began = performance.now();
  run.child.kill('SIGINT');
  assert.equal(await run.code, 0, run.text());
  assert.ok(performance.now() - began < 10_000, `took ${performance.now() - began} ms to end`);
  assert.deepEqual(leftBehind(temporary), []);
  rmSync(temporary, { recursive: true, force: true });
});

test("a repository of one's own, on a cluster of one's own", { timeout: 3 * minute }, async (t) => {
  const temporary = mkdtempSync(join(tmpdir(), 'up-own-'));
  const name = `own-${process.pid}`;
  mkdirSync(join(temporary, name));
  const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'hello' }, data: { from: 'git' } };
  writeFileSync(join(temporary, name, 'hello.json'), JSON.stringify(object));
  const git = (...args: readonly string[]) => promisify(execFile)('git', [...args], { cwd: temporary });
  await git('init', '--quiet');
  await git('add', '--all');
  await git('-c', 'user.name=A', '-c', 'user.email=a@example.com', 'commit', '--quiet', '--message', 'Hello');
  const { ask, kubeconfigPath } = await sharedControlPlane();
  const cluster = ['--kubeconfig', kubeconfigPath, '--namespace', await freshNamespace('up')];
  await strangeApplication();
  const run = up(t, temporary, '--exit', '--repo', '.', '--path', name, ...cluster);
  assert.equal(await run.code, 0, run.text());
  assert.match(run.text(), /1 application, 1 object: Synced and Healthy after /);
  const { status, body } = await ask('GET', `/api/v1/namespaces/${name}/configmaps/hello`);
  assert.equal(status, 200, body);
  assert.deepEqual(leftBehind(temporary), []);
  const nowhere = up(t, temporary, '--exit', '--kubeconfig', join(temporary, 'nowhere'));
  assert.equal(await nowhere.code, 2, nowhere.text());
  assert.match(nowhere.text(), /error \[cluster-config\]/);
  rmSync(temporary, { recursive: true, force: true });
});

/** An application of somebody else's on the same cluster, that will never converge. */
async function strangeApplication(): Promise<void> {
  const api = await sharedKubeApi();
  await installCrds(api);
  await api.close();
  const { ask } = await sharedControlPlane();
  const namespace = await freshNamespace('strange');
  const path = `/apis/argoproj.io/v1alpha1/namespaces/${namespace}/applications`;
  const { status, body } = await ask('POST', path, {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: { name: 'strange' },
    spec: {
      project: 'default',
      source: { repoURL: 'file:///nowhere', path: '.' },
      destination: { server: 'https://kubernetes.default.svc', namespace },
    },
  });
  assert.equal(status, 201, body);
}

/** The indented lines under a heading. */
function linesBelow(text: string, heading: string): readonly string[] {
  const lines = text.slice(text.indexOf(`\n${heading}\n`) + heading.length + 2).split('\n');
  const end = lines.findIndex((line) => !line.startsWith('  '));
  return lines.slice(0, end).map((line) => line.trim());
}
