// The promise, at a real forge (Gitea): a push is noticed by webhook, its commit carries a status; a change that nobody
// reviewed waits, and goes once somebody has.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type Json, listAt, numberAt, stringAt } from '../../src/model/index.ts';
import { Forge, type ForgeUser, noForge } from '../harness/forge.ts';
import { resources } from '../harness/kube.ts';
import { configMap, deployment, text } from '../harness/manifests.ts';
import { waitFor } from '../harness/wait-for.ts';
import { openWorld } from '../harness/world.ts';

const reason = noForge();
const colours = (colour: string) => ({ 'shop/colours.yaml': text(configMap('colours', { colour })) });

test('a forge', { skip: reason ?? false }, async (t) => {
  const { forge, users } = await Forge.start(['ann', 'bob', 'plumb']);
  const [ann, bob, plumb] = users as [ForgeUser, ForgeUser, ForgeUser];
  await forge.call(ann, 'POST', '/user/repos', { name: 'shop', default_branch: 'main' });
  for (const who of [bob, plumb]) {
    await forge.call(ann, 'PUT', `/repos/ann/shop/collaborators/${who.name}`, { permission: 'write' });
  }
  const forges = JSON.stringify([{ host: forge.host, kind: 'gitea' }]);
  const world = await openWorld({
    files: colours('green'),
    settings: {
      'plumbline.forges': forges,
      'plumbline.writeback.statuses': 'true',
      'plumbline.writeback.comments': 'true',
      'plumbline.link': 'https://plumb.example/{namespace}/{name}',
      'timeout.reconciliation': '600s',
    },
  });
  const { kube, repo, namespace, target } = world;
  repo.git('remote', 'set-url', 'origin', forge.remote(ann, 'ann/shop'));
  repo.git('push', '-q', 'origin', 'main');
  await kube.create(resources.secrets, {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'shop', namespace, labels: { 'argocd.argoproj.io/secret-type': 'repository' } },
    stringData: { url: `${forge.url}/ann/shop.git`, username: plumb.name, password: plumb.password },
  });
  const hook = { url: `${world.engine.address}/api/webhook`, content_type: 'json' };
  await forge.call(ann, 'POST', '/repos/ann/shop/hooks', {
    type: 'gitea',
    active: true,
    events: ['push'],
    config: hook,
  });
  const app = await world.declare('shop', {
    repo: `${forge.url}/ann/shop.git`,
    annotations: {
      'plumbline.dev/environment': 'prod',
      'plumbline.dev/quiet-for': '100ms',
      'plumbline.dev/stalled-after': '5s',
    },
  });
  const statuses = async (commit: string): Promise<readonly Json[]> =>
    listAt({ all: await forge.call(ann, 'GET', `/repos/ann/shop/commits/${commit}/statuses`) }, 'all');
  const status = (commit: string, state: string) =>
    waitFor(`${commit.slice(0, 7)} is ${state}`, async () => {
      const found = (await statuses(commit)).find((one) => stringAt(one, 'status') === state);
      return found !== undefined && found;
    });
  const colour = async () => stringAt(await kube.get(resources.configMaps, target, 'colours'), 'data', 'colour');

  await t.test('a commit carries its status, with a link', async () => {
    await app.converged(repo.head());
    const done = await status(repo.head(), 'success');
    assert.equal(stringAt(done, 'context'), 'plumbline/prod');
    assert.equal(stringAt(done, 'target_url'), `https://plumb.example/${namespace}/${app.name}`);
    assert.equal(stringAt(done, 'creator', 'login'), 'plumb');
    assert.ok((await statuses(repo.head())).some((one) => stringAt(one, 'status') === 'pending'));
  });

  await t.test('a push is noticed by its webhook; what cannot converge fails', async () => {
    const commit = repo.push({
      ...colours('red'),
      'shop/web.yaml': text({ ...deployment('web', 1), kind: 'Nonsense' }),
    });
    const failed = await status(commit, 'failure');
    assert.match(stringAt(failed, 'description') ?? '', /stalled/);
    const mended = repo.push({ 'shop/web.yaml': null });
    await app.converged(mended);
    await status(mended, 'success');
  });

  /** A change by somebody on a branch; answers its number and head. */
  async function propose(branch: string, name: string): Promise<{ readonly number: number; readonly head: string }> {
    repo.git('checkout', '-q', '-b', branch, 'main');
    const head = repo.push(colours(name), `make it ${name}`);
    repo.git('checkout', '-q', 'main');
    const change = await forge.call(ann, 'POST', '/repos/ann/shop/pulls', { head: branch, base: 'main', title: name });
    return { number: numberAt(change, 'number') ?? 0, head };
  }
  const merge = async (number: number, how: string): Promise<string> => {
    await waitFor('it can be merged', async () => {
      const change = await forge.call(ann, 'GET', `/repos/ann/shop/pulls/${number}`);
      return (change as { readonly mergeable?: boolean }).mergeable === true;
    });
    await forge.call(ann, 'POST', `/repos/ann/shop/pulls/${number}/merge`, { Do: how });
    repo.git('pull', '-q', '--ff-only', 'origin', 'main');
    return repo.head();
  };
  const approve = (number: number, head: string) =>
    forge.call(bob, 'POST', `/repos/ann/shop/pulls/${number}/reviews`, {
      event: 'APPROVED',
      commit_id: head,
      body: 'fine',
    });
  const held = (commit: string) =>
    app.until('held', ({ revision, holds }) => revision === commit && holds.some((one) => one.reason === 'four-eyes'));

  await t.test('a pull request says what it would change, and later what became of it', async () => {
    const change = await propose('purple', 'purple');
    const scopes = { name: 'ci', scopes: ['write:repository', 'write:issue'] };
    const token = stringAt(await forge.call(ann, 'POST', '/users/ann/tokens', scopes), 'sha1') ?? '';
    const words = [
      'diff',
      'shop',
      '--pr',
      String(change.number),
      '--environment',
      'prod',
      '--forge',
      'gitea',
      '--comment',
    ];
    const place = ['--repo', `${forge.url}/ann/shop.git`];
    const env = { ...process.env, GITEA_TOKEN: token, KUBECONFIG: '/dev/null', PLUMBLINE_CACHE: world.engine.cache };
    const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
    const comments = async () => {
      const all = await forge.call(ann, 'GET', `/repos/ann/shop/issues/${change.number}/comments`);
      return listAt({ all }, 'all').map((one) => stringAt(one, 'body') ?? '');
    };
    for (let turn = 0; turn < 2; turn++) {
      execFileSync(process.execPath, [main, ...words, ...place], {
        cwd: join(repo.folder, 'work'),
        env,
        stdio: 'pipe',
      });
    }
    const [before = '', ...more] = await comments();
    assert.deepEqual(more, [], 'one comment, however often it is asked for');
    assert.match(before, /1 object differs.*colours.*green|red/s);
    await merge(change.number, 'merge');
    await app.converged(repo.head());
    await waitFor('the outcome is told', async () => (await comments()).some((one) => /✅ converged/.test(one)));
  });

  await t.test('four eyes: merged without a review it waits, reviewed it goes, however it was merged', async () => {
    await kube.patch(resources.projects, namespace, 'default', {
      metadata: { annotations: { 'plumbline.dev/four-eyes': '2' } },
    });
    for (const how of ['merge', 'squash', 'rebase']) {
      const change = await propose(`by-${how}`, how);
      await approve(change.number, change.head);
      const commit = await merge(change.number, how);
      const { status: seen } = await app.converged(commit);
      assert.equal(await colour(), how);
      assert.ok(listAt(seen, 'plumbline', 'verdict', 'record', 'approvedBy').includes('bob'), how);
    }
    const alone = await propose('alone', 'alone');
    const commit = await merge(alone.number, 'merge');
    const { holds } = await held(commit);
    assert.match(String(holds[0]?.message), /lacks 1 more approval/);
    assert.equal(await colour(), 'rebase');
    await status(commit, 'failure');
    repo.git('reset', '-q', '--hard', 'HEAD~1');
    const direct = repo.forcePush(colours('direct'), 0);
    await held(direct);
    assert.equal(await colour(), 'rebase');
  });

  await t.test('an approval from before the last push is stale', async () => {
    repo.git('reset', '-q', '--hard', 'HEAD~1');
    repo.git('push', '-q', '--force', 'origin', 'main');
    await app.converged(repo.head());
    const change = await propose('stale', 'first');
    await approve(change.number, change.head);
    repo.git('checkout', '-q', 'stale');
    repo.push(colours('second'), 'one more thing');
    repo.git('checkout', '-q', 'main');
    await held(await merge(change.number, 'merge'));
    assert.equal(await colour(), 'rebase');
  });
});
