// `plumb up` from start to stop.
//
//   cluster ─► repository ─► engine ─► applications converge ─► invitation, or the acts of --exit ─► everything ends
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EngineError, type JsonObject } from '../model/index.ts';
import { playActs } from './acts.ts';
import { type Applications, followApplications } from './applications.ts';
import { openBoard, transition } from './board.ts';
import { readYaml } from './bootstrap.ts';
import { createEndings, orStop, Stopped, untilStopped } from './ending.ts';
import { writeFindings } from './findings.ts';
import { invitation } from './invitation.ts';
import { openLive } from './live.ts';
import { ownApplication } from './own.ts';
import { count, duration, lookOf, paint } from './paint.ts';
import { type DemoOptions, type DemoParts, type DemoWorld, type ExitCode, exitCode } from './parts.ts';
import { type Backstage, checkout, done, type Setting, setUp } from './setting.ts';

/** How long `--exit` waits for everything to converge, ms. */
const patience = 180_000;
/** How long one part may take to stop, ms. */
const endPatience = 4_000;

/** Runs `plumb up`; ends when everything that was started has ended. */
export async function runDemo(options: DemoOptions, world: DemoWorld, parts: DemoParts): Promise<ExitCode> {
  const look = lookOf(world.terminal.outIsTerminal, world.env, options.connection.color);
  const live = openLive(world.terminal, look);
  const endings = createEndings();
  try {
    return await play({ options, world, parts, live, endings });
  } catch (thrown) {
    if (!(thrown instanceof Stopped)) throw thrown;
    return options.exit ? exitCode.interrupted : exitCode.ok;
  } finally {
    live.end();
    if (world.signal.aborted) live.print(`\n${paint(look, 'Stopping.', 'dim')}`);
    await endings.close(endPatience);
    live.end();
  }
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
  await firstApplication(back, setting);
  const applications = followApplications(setting.engine.operator, setting.connection.namespace);
  endings.add(() => applications.stop());
  live.print();
  const board = openBoard(live, applications, began);
  let ended: number;
  try {
    ended = await orStop(world.signal, allConverged(options, applications));
  } catch (thrown) {
    board.close();
    if (thrown instanceof EngineError && thrown.code === 'timed-out') return gaveUp(back, applications, setting);
    throw thrown;
  }
  board.close();
  live.end();
  const rows = applications.rows();
  const objects = rows.reduce((sum, row) => sum + row.total, 0);
  const text = `${count(rows.length, 'application')}, ${count(objects, 'object')}: Synced and Healthy after ${duration(ended - began)}.`;
  live.print(`\n${paint(look, text, 'good')}`);
  if (options.exit) return setting.shop === undefined ? exitCode.ok : playAll(back, setting, applications);
  return stay(back, setting, applications);
}

/** Creates what the engine starts with: the root of the examples, or an application for the person's own repository. */
async function firstApplication({ options, world, live }: Backstage, { shop, engine }: Setting): Promise<void> {
  let resource: JsonObject | undefined;
  if (shop !== undefined) resource = readYaml(await readFile(join(shop.clone, 'root.yaml'), 'utf8'))[0];
  else if (options.repo !== undefined) {
    resource = ownApplication({ ...options, repo: options.repo }, world.directory).resource;
  }
  if (resource === undefined) return;
  const { name } = resource.metadata as { readonly name: string };
  try {
    await orStop(world.signal, engine.operator.createApplication(resource));
    done(live, 'Application', `${name}${shop === undefined ? '' : ': the root, which brings all others'}`);
  } catch (thrown) {
    if (!(thrown instanceof EngineError) || thrown.code !== 'already-exists') throw thrown;
    done(live, 'Application', `${name} is there already, and stays as it is`);
  }
}

// Somebody who watches may wait as long as it takes.
function allConverged(options: DemoOptions, applications: Applications): Promise<number> {
  const timeout = options.exit ? patience : 2 ** 31 - 1;
  return applications.until('everything has converged', () => applications.converged(), timeout);
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
  live.print(`\n${paint(live.look, 'Watching. Ctrl-C ends it, and leaves nothing behind.', 'strong')}\n`);
  applications.onChange((row, before) => {
    const line = transition(live, row, before, new Date().toISOString().slice(11, 23));
    if (line !== undefined) live.print(line);
  });
  await untilStopped(world.signal);
  return exitCode.ok;
}

function gaveUp({ live }: Backstage, applications: Applications, { log }: Setting): ExitCode {
  live.print(`\n${paint(live.look, `Not everything has converged within ${duration(patience)}:`, 'bad')}`);
  for (const row of applications.rows().filter((one) => !one.converged)) {
    live.print(`  ${row.name}: ${row.sync}, ${row.health}${row.why === '' ? '' : `: ${row.why}`}`);
  }
  live.print(
    paint(live.look, `Run again with --keep to find the log of the engine in its folder (now ${log}).`, 'dim'),
  );
  return exitCode.differs;
}
