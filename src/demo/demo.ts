// `plumb up` from start to stop.
//
//   cluster ─► repository ─► engine ─► applications converge ─► invitation, or the acts of --exit ─► everything ends
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type AppKey, EngineError, type JsonObject } from '../model/index.ts';
import { playActs } from './acts.ts';
import { type Applications, followApplications } from './applications.ts';
import { openBoard } from './board.ts';
import { readYaml } from './bootstrap.ts';
import { tellChanges } from './changes.ts';
import { createEndings, orStop, Stopped, untilStopped } from './ending.ts';
import { writeFindings } from './findings.ts';
import { invitation } from './invitation.ts';
import { type Live, openLive } from './live.ts';
import { ownApplication } from './own.ts';
import { count, duration, lookOf, paint } from './paint.ts';
import { type DemoOptions, type DemoParts, type DemoWorld, type ExitCode, exitCode } from './parts.ts';
import { type Backstage, checkout, done, type Setting, setUp } from './setting.ts';

/** How long `--exit` waits for everything to converge, and how long a person waits for the invitation, ms. */
const exitPatience = 180_000;
const personPatience = 60_000;
/** How long one part may take to stop, ms. */
const endPatience = 4_000;
/** How long the process may live on after everything has ended, ms. */
const leavePatience = 1_500;

/** Runs `plumb up`; ends when everything that was started has ended. */
export async function runDemo(options: DemoOptions, world: DemoWorld, parts: DemoParts): Promise<ExitCode> {
  const look = lookOf(world.terminal.outIsTerminal, world.env, options.connection.color);
  const live = openLive(world.terminal, look);
  const endings = createEndings();
  let code: ExitCode = exitCode.error;
  try {
    code = await play({ options, world, parts, live, endings });
  } catch (thrown) {
    if (!(thrown instanceof Stopped)) throw thrown;
    code = options.exit ? exitCode.interrupted : exitCode.ok;
  } finally {
    live.end();
    if (world.signal.aborted) live.print(`\n${paint(look, 'Stopping.', 'dim')}`);
    await endings.close(endPatience);
    leaveSoon(() => code);
  }
  return code;
}

// Whoever has asked to stop does not wait for a connection that somebody forgot.
function leaveSoon(code: () => ExitCode): void {
  setTimeout(() => process.exit(process.exitCode ?? code()), leavePatience).unref();
}

async function play(back: Backstage): Promise<ExitCode> {
  const { options, world, live, endings } = back;
  const { look } = live;
  live.print(
    paint(look, 'Plumbline', 'strong') + paint(look, ': Git is the truth, and every commit is proven live.', 'dim'),
  );
  live.print();
  const setting = await setUp(back);
  const began = performance.now();
  const first = await firstApplication(back, setting);
  const { operator } = setting.engine;
  const { namespace } = setting.connection;
  if (options.exit && (await operator.listApplications({ namespace })).length === 0) {
    throw new EngineError('not-found', `there is no Application in namespace ${namespace}: ${setting.api.server}`);
  }
  const applications = followApplications(operator, namespace, first);
  endings.add(() => applications.stop());
  live.print();
  const board = openBoard(live, applications, began);
  const ended = await orStop(world.signal, firstConvergence(options, applications)).finally(() => board.close());
  live.end();
  if (ended === undefined) tellUnconverged(live, applications);
  else {
    const rows = applications.rows();
    const objects = rows.reduce((sum, row) => sum + row.total, 0);
    const what = `${count(rows.length, 'application')}, ${count(objects, 'object')}`;
    live.print(`\n${paint(look, `${what}: Synced and Healthy after ${duration(ended - began)}.`, 'good')}`);
  }
  if (!options.exit) return stay(back, setting, applications);
  if (ended === undefined) return exitCode.timedOut;
  return setting.shop === undefined ? exitCode.ok : playAll(back, setting, applications);
}

/**
 * Creates what the engine starts with: the root of the examples, or an application for the person's own repository.
 * Answers its key; undefined where the cluster's Applications are all there is.
 */
async function firstApplication(
  { options, world, live }: Backstage,
  { shop, engine }: Setting,
): Promise<AppKey | undefined> {
  let resource: JsonObject | undefined;
  if (shop !== undefined) resource = readYaml(await readFile(join(shop.clone, 'root.yaml'), 'utf8'))[0];
  else if (options.repo !== undefined) {
    resource = ownApplication({ ...options, repo: options.repo }, world.directory).resource;
  }
  if (resource === undefined) return undefined;
  const { name, namespace } = resource.metadata as { readonly name: string; readonly namespace: string };
  try {
    await orStop(world.signal, engine.operator.createApplication(resource));
    done(live, 'Application', `${name}${shop === undefined ? '' : ': the root, which brings all others'}`);
  } catch (thrown) {
    if (!(thrown instanceof EngineError) || thrown.code !== 'already-exists') throw thrown;
    done(live, 'Application', `${name} is there already, and stays as it is`);
  }
  return `${namespace}/${name}`;
}

/** The time at which everything had converged; undefined when that takes too long. */
async function firstConvergence(options: DemoOptions, applications: Applications): Promise<number | undefined> {
  const timeout = options.exit ? exitPatience : personPatience;
  try {
    return await applications.until('everything has converged', () => applications.converged(), timeout);
  } catch (thrown) {
    if (thrown instanceof EngineError && thrown.code === 'timed-out') return undefined;
    throw thrown;
  }
}

function tellUnconverged({ look, print }: Live, applications: Applications): void {
  const rows = applications.rows();
  const open = rows.filter((row) => !row.converged);
  print(`\n${paint(look, rows.length === 0 ? 'There is no Application yet.' : 'Not converged yet:', 'warn')}`);
  for (const row of open) print(`  ${row.name}: ${row.sync}, ${row.health}${row.why === '' ? '' : `: ${row.why}`}`);
}

async function playAll(back: Backstage, setting: Setting, applications: Applications): Promise<ExitCode> {
  const { world, live } = back;
  const { shop, api, engine, connection } = setting;
  if (shop === undefined) return exitCode.ok;
  live.print();
  const findings = await playActs({
    api,
    operator: engine.operator,
    applications,
    shop,
    controlNamespace: connection.namespace,
    tell: (text) => live.busy(text, `Playing: ${text}`),
    step: (work) => orStop(world.signal, work),
  });
  live.show([]);
  return writeFindings(live, findings) ? exitCode.ok : exitCode.differs;
}

/** Leaves the person to try things, and tells every transition. */
async function stay(back: Backstage, setting: Setting, applications: Applications): Promise<ExitCode> {
  const { world, live } = back;
  const scenery = { ...setting, plumb: join(checkout, 'plumb'), path: world.env.PATH ?? '' };
  for (const line of invitation(live.look, scenery)) live.print(line);
  const rest =
    setting.cluster === undefined ? 'ends the engine; what it applied stays' : 'ends it, and leaves nothing behind';
  live.print(`\n${paint(live.look, `Watching. Ctrl-C ${rest}.`, 'strong')}\n`);
  back.endings.add(tellChanges(live, setting, applications));
  await untilStopped(world.signal);
  return exitCode.ok;
}
