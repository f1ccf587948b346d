// What people can do to the live objects of an application: our own actions, and those of argocd-cm in Lua.
import { type Action, builtInActions, discoveredActions, type Effect, effectsOfScript } from '../../actions/index.ts';
import type { ActionDone, ActionRequest, ActionView, ObjectPick, Operator } from '../../contract/index.ts';
import {
  type ActionSettings,
  type AppKey,
  type Application,
  canonical,
  describe,
  EngineError,
  formatInstant,
  type Json,
  type KubeObject,
  type Manifest,
  matchesGlob,
  type Notice,
  type ObjectRef,
  refOf,
  stringAt,
} from '../../model/index.ts';
import { accountFor, permitObjects } from '../../policy/index.ts';
import type { Cluster, Languages } from '../../ports/index.ts';
import type { Depths, OperatorParts } from './parts.ts';
import { clusterOf, nodesOf } from './questions.ts';

/** An action of one object, ready to be run. */
type Ready = {
  readonly view: ActionView;
  readonly run: (params: Readonly<Record<string, string>>) => Promise<readonly Effect[]>;
};

type World = {
  readonly parts: OperatorParts;
  readonly depths: Depths;
  readonly app: Application;
  readonly cluster: Cluster;
};

/** The questions and the orders about actions. */
export function objectActions(parts: OperatorParts): Pick<Operator, 'actions' | 'runAction'> {
  return {
    actions: async (key, pick) => {
      const world = await worldOf(parts, key);
      const found = await Promise.all((await picked(world, pick)).map((ref) => readyFor(world, ref)));
      return found.flatMap(({ ready }) => ready.map(({ view }) => view));
    },
    runAction: async (key, request) => run(await worldOf(parts, key), request),
  };
}

async function worldOf(parts: OperatorParts, key: AppKey): Promise<World> {
  const app = await parts.desk.application(key);
  return { parts, depths: await parts.depths(), app, cluster: await clusterOf(parts, app) };
}

/** The objects that are meant, of kinds that have actions. */
async function picked({ app, cluster, depths }: World, pick: ObjectPick): Promise<readonly ObjectRef[]> {
  const nodes = await nodesOf(cluster, app);
  const { actions } = depths.store.settings();
  return nodes
    .map((node) => node.ref)
    .filter(
      (ref) =>
        (pick.group ?? ref.group) === ref.group &&
        (pick.kind ?? ref.kind).toLowerCase() === ref.kind.toLowerCase() &&
        (pick.namespace ?? ref.namespace) === ref.namespace &&
        (pick.name ?? ref.name) === ref.name &&
        (settingsFor(actions, ref) !== undefined || builtInActions(ref.group, ref.kind).length > 0),
    );
}

function settingsFor(actions: readonly ActionSettings[], ref: ObjectRef): ActionSettings | undefined {
  const key = `${ref.group}/${ref.kind}`;
  const exact = actions.find(({ group, kind }) => `${group}/${kind}` === key);
  return exact ?? actions.find(({ group, kind }) => matchesGlob(`${group}/${kind}`, key));
}

/** The actions of an object: people's own hide ours unless they ask for both; of one name theirs counts. */
async function readyFor(
  { parts, depths, cluster }: World,
  ref: ObjectRef,
): Promise<{ readonly object: KubeObject | undefined; readonly ready: readonly Ready[] }> {
  const object = await cluster.read(ref);
  if (object === undefined) return { object, ready: [] };
  const settings = settingsFor(depths.store.settings().actions, ref);
  const theirs = settings === undefined ? [] : await scripted(depths.languages, settings, object, ref);
  const hidden = settings !== undefined && !settings.mergeBuiltin;
  const now = formatInstant(Math.floor(parts.clock.now() / 1000) * 1000).replace('.000Z', 'Z');
  const ours = hidden ? [] : builtInActions(ref.group, ref.kind).map((action) => builtIn(action, object, ref, now));
  const names = new Set(theirs.map(({ view }) => view.name));
  return { object, ready: [...theirs, ...ours.filter(({ view }) => !names.has(view.name))] };
}

function builtIn(action: Action, object: KubeObject, ref: ObjectRef, now: string): Ready {
  const { name, about, params = [] } = action;
  return {
    view: { ref, name, about, params, hindered: action.hindered?.(object) ?? '', origin: 'built-in' },
    run: async (given) => {
      const effects = action.run(object, { params: given, now });
      if (typeof effects === 'string') throw new EngineError('usage', `${name}: ${effects}`);
      return effects;
    },
  };
}

async function scripted(
  languages: Languages | undefined,
  settings: ActionSettings,
  object: KubeObject,
  ref: ObjectRef,
): Promise<readonly Ready[]> {
  if (languages === undefined) return [];
  const obj = JSON.stringify(object);
  const offered =
    settings.discovery.trim() === ''
      ? settings.definitions.map(({ name }) => ({ name, displayName: '', disabled: false, params: [] }))
      : discoveredActions(await lua(languages, settings.discovery, { obj }, 'discovery.lua'));
  if (typeof offered === 'string') throw new EngineError('settings-invalid', `${ref.kind}: ${offered}`);
  return offered.flatMap(({ name, displayName, disabled, params }): readonly Ready[] => {
    const definition = settings.definitions.find((one) => one.name === name);
    if (definition === undefined) return [];
    const hindered = disabled ? 'discovery.lua says that it cannot be done now' : '';
    return [
      {
        view: { ref, name, about: displayName, params, hindered, origin: 'settings' },
        run: async (given) => {
          const answer = await lua(languages, definition.script, { obj, actionParams: JSON.stringify(given) }, name);
          const effects = effectsOfScript(object, answer);
          if (typeof effects === 'string') throw new EngineError('settings-invalid', `${name}: ${effects}`);
          return effects;
        },
      },
    ];
  });
}

async function lua(
  languages: Languages,
  script: string,
  call: { readonly obj: string; readonly actionParams?: string },
  what: string,
): Promise<string> {
  const [run] = await languages.lua(script, [call], { openLibs: true });
  if (run?.ok === true) return run.value;
  throw new EngineError('settings-invalid', `${what}: ${run?.message ?? 'the script gave no answer'}`);
}

async function run(world: World, request: ActionRequest): Promise<readonly ActionDone[]> {
  const { app } = world;
  const refs = await picked(world, request);
  const found = await Promise.all(refs.map(async (ref) => ({ ref, ...(await readyFor(world, ref)) })));
  const meant = found.flatMap(({ ref, object, ready }) => {
    const action = ready.find(({ view }) => view.name === request.action);
    return action === undefined || object === undefined ? [] : [{ ref, object, action }];
  });
  const [first, second] = meant;
  if (first === undefined) {
    throw new EngineError('not-found', `no object of ${app.name} that is meant has the action ${request.action}`, {
      about: `see: plumb app actions list ${app.name}`,
    });
  }
  if (second !== undefined && !request.all) {
    const names = meant.map(({ ref }) => describe(ref)).join(', ');
    throw new EngineError('usage', `several objects are meant: ${names}`, { about: 'try: --resource-name, or --all' });
  }
  const done: ActionDone[] = [];
  for (const { ref, object, action } of meant) {
    const { hindered, params } = action.view;
    if (hindered !== '') throw new EngineError('usage', `${request.action}: ${describe(ref)}: ${hindered}`);
    const given = { ...defaults(params), ...request.params };
    const effects = await action.run(given);
    for (const effect of effects) done.push(await carryOut(world, ref, object, effect));
    if (effects.length === 0) done.push({ ref, how: 'unchanged' });
    await tell(world, request, ref);
  }
  return done;
}

// Argo CD's reason. What is done is done: an Event that cannot be written makes nobody do it again.
async function tell({ parts, app }: World, { action, by }: ActionRequest, ref: ObjectRef): Promise<void> {
  const message = `${by === '' ? 'somebody' : by} ran action ${action} on ${describe(ref)}`;
  const notice: Notice = { kind: 'action', level: 'normal', reason: 'ResourceActionRan', message };
  await parts.desk.tell?.(app, notice, parts.clock.now()).catch(() => undefined);
}

function defaults(params: ActionView['params']): Readonly<Record<string, string>> {
  return Object.fromEntries(params.flatMap((one) => (one.default === undefined ? [] : [[one.name, one.default]])));
}

async function carryOut(world: World, ref: ObjectRef, object: KubeObject, effect: Effect): Promise<ActionDone> {
  const { cluster } = world;
  const account = writerOf(world);
  const as = account === undefined ? {} : { as: account };
  if (effect.kind === 'patch') {
    if (cluster.change === undefined) throw new EngineError('internal', 'this cluster cannot change objects');
    await cluster.change(ref, effect.patch, { uid: stringAt(object.metadata, 'uid') ?? '', ...as });
    return { ref, how: 'changed' };
  }
  const namespace = stringAt(effect.object.metadata, 'namespace') || ref.namespace;
  const metadata = { ...effect.object.metadata, ...(namespace === '' ? {} : { namespace }) };
  const made: KubeObject = { ...effect.object, metadata };
  const target = refOf(made);
  permitted(world, target);
  const body = JSON.stringify(made);
  const digest = canonical(made as unknown as Json);
  const manifest: Manifest = { ref: target, digest, body, steering: {}, origin: '', source: 0 };
  const options = { how: 'create', dryRun: false, validate: true, migrateManagers: false } as const;
  const { live } = await cluster.apply(manifest, { ...options, ...as });
  return { ref: live.ref, how: 'created' };
}

// An action makes nothing that a sync might not make.
function permitted({ depths, app, cluster }: World, ref: ObjectRef): void {
  const project = depths.store.project(app.project);
  if (project === undefined) throw new EngineError('project-not-found', `there is no project ${app.project}`);
  const [hold] = permitObjects(project, cluster, app.destination.namespace, [
    { ref, namespaced: ref.namespace !== '' },
  ]);
  if (hold !== undefined) throw new EngineError('not-permitted', hold.message);
}

function writerOf({ depths, app, cluster }: World): string | undefined {
  if (!depths.store.settings().impersonation) return undefined;
  const project = depths.store.project(app.project);
  const account = project === undefined ? undefined : accountFor(project, cluster.server, app.destination.namespace);
  if (account !== undefined) return account;
  throw new EngineError('not-permitted', `project ${app.project} names no service account for ${cluster.server}`);
}
