// Commit → converged: from the webhook's first byte to the Application's status that says Synced and Healthy at the commit.
import { join } from 'node:path';
import { chartFiles, filesOf, tenObjects } from '../manifests.ts';
import { Repository } from '../repository.ts';
import { pause, type Scene } from '../scene.ts';
import { type Times, timesOf } from '../statistics.ts';

/** Times of commits to one application of ten objects: of plain manifests, and of a Helm chart. */
export type Commits = { readonly plain: Times; readonly helm: Times };

/** Times commits to an application of ten objects, once of plain manifests and once of a chart. */
export async function commits(scene: Scene): Promise<Commits> {
  const name = 'single';
  await scene.createNamespaces([name, 'chart']);
  const plain = await one(scene, name, (version) => filesOf('app', tenObjects(name, version)));
  const helm = await one(scene, 'chart', (version) => chartFiles('app', 'chart', version));
  return { plain, helm };
}

async function one(
  scene: Scene,
  name: string,
  files: (version: string) => ReadonlyMap<string, string>,
): Promise<Times> {
  const { applications, options } = scene;
  const repository = await Repository.create(join(scene.folder, `${name}.git`), files('0'));
  await applications.create([{ name, repoURL: repository.path, path: 'app', namespace: name }], 1);
  await applications.until(name, 60_000, (verdict) => verdict.converged);
  const samples: number[] = [];
  for (let i = 1; i <= options.samples; i++) {
    samples.push(await timeCommit(scene, repository, name, files(String(i))));
    // People do not push in step with anything.
    await pause(100 + 37 * (i % 7));
  }
  return timesOf(samples);
}

/** Commits the files, sends the webhook, and answers the ms from then until the application has converged to it. */
export async function timeCommit(
  scene: Scene,
  repository: Repository,
  name: string,
  files: ReadonlyMap<string, string>,
): Promise<number> {
  const before = repository.head;
  const commit = await repository.commit(files, `change ${name}`);
  const start = performance.now();
  const converged = scene.applications.until(
    name,
    30_000,
    (verdict) => verdict.converged && verdict.revision === commit,
  );
  await scene.engine.webhook(repository.push(before));
  return (await converged) - start;
}
