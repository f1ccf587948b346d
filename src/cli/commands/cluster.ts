// `plumb cluster`: real Kubernetes control planes on this machine, for trying things out. They outlive the command.
import { EngineError } from '../../model/index.ts';
import { type CommandGroup, defineCommand } from '../command.ts';
import { exit } from '../exit.ts';
import { outputFlag, writeData } from '../output/data.ts';
import { startProgress } from '../output/progress.ts';
import { dim, screenOf } from '../output/screen.ts';
import { writeTable } from '../output/table.ts';
import { span } from '../output/text.ts';

const defaultName = 'plumbline';
const nameArgument = { name: 'NAME', about: `Name of the cluster (default: ${defaultName})` } as const;

/** The group `plumb cluster`. */
export function clusterCommand(): CommandGroup {
  return {
    name: 'cluster',
    summary: 'Run real Kubernetes control planes on this machine',
    details:
      'Each is a kube-apiserver with etcd, controllers, scheduler and nodes that are only played: objects behave as in any ' +
      'cluster, but no container runs. It listens on loopback alone and keeps nothing after its end.',
    commands: [upCommand(), downCommand(), statusCommand(), kubeconfigCommand()],
  };
}

function upCommand() {
  return defineCommand({
    name: 'up',
    summary: 'Start a cluster, or leave it alone when it runs',
    args: [nameArgument],
    flags: {
      nodes: { kind: 'number', value: 'N', about: 'How many nodes to play', default: 1 },
      output: outputFlag('json', 'yaml'),
    },
    examples: [
      { line: 'plumb cluster up', does: 'Start a cluster' },
      { line: 'plumb cluster up staging --nodes 3', does: 'Start a second one beside it' },
    ],
    run: async ({ args, flags, globals }, context) => {
      const progress = startProgress(context, globals);
      try {
        const { cluster, started } = await context.actions.clusters.up(nameIn(args), flags.nodes, (text) =>
          progress.show(text),
        );
        progress.end();
        if (writeData(context, flags.output, { ...cluster, started })) return exit.ok;
        const screen = screenOf(context, globals);
        const took = started ? `ready after ${(cluster.startedInMs / 1000).toFixed(1)} s` : 'runs already';
        screen.line(span(cluster.name, 'strong'), `: ${took}: ${cluster.server}`);
        screen.line(dim(cluster.origin));
        screen.line(`export KUBECONFIG=${cluster.kubeconfig}`);
        return exit.ok;
      } finally {
        progress.end();
      }
    },
  });
}

function downCommand() {
  return defineCommand({
    name: 'down',
    summary: 'End a cluster and everything in it',
    args: [nameArgument],
    flags: { all: { kind: 'boolean', about: 'End all of them' } },
    examples: [
      { line: 'plumb cluster down', does: 'End the cluster' },
      { line: 'plumb cluster down --all', does: 'End every one' },
    ],
    run: async ({ args, flags, globals }, context) => {
      const screen = screenOf(context, globals);
      const names = flags.all ? (await context.actions.clusters.list()).map(({ name }) => name) : [nameIn(args)];
      for (const name of names)
        screen.line(`${name}: ${(await context.actions.clusters.down(name)) ? 'ended' : 'was not running'}`);
      if (names.length === 0) screen.line('no cluster runs');
      return exit.ok;
    },
  });
}

function statusCommand() {
  return defineCommand({
    name: 'status',
    aliases: ['list'],
    summary: 'Show the clusters that run',
    args: [{ name: 'NAME', about: 'Only this one; it is an error when it does not run' }],
    flags: { output: outputFlag('json', 'yaml', 'name') },
    examples: [
      { line: 'plumb cluster status', does: 'Show all' },
      { line: 'plumb cluster status -o json', does: 'The same for a program' },
    ],
    run: async ({ args: [name], flags, globals }, context) => {
      const all = await context.actions.clusters.list();
      const shown = name === undefined ? all : all.filter((cluster) => cluster.name === name);
      if (name !== undefined && shown.length === 0) throw notRunning(name);
      if (writeData(context, flags.output, name === undefined ? shown : shown[0])) return exit.ok;
      const screen = screenOf(context, globals);
      if (flags.output === 'name') {
        for (const cluster of shown) screen.line(cluster.name);
        return exit.ok;
      }
      if (shown.length === 0) screen.line('no cluster runs; start one with: plumb cluster up');
      const columns = ['NAME', 'STATUS', 'SERVER', 'NODES', 'AGE', 'KUBECONFIG'].map((title) => ({ title }));
      const rows = shown.map((cluster) => [
        cluster.name,
        cluster.ready ? span('Ready', 'good') : span('NotReady', 'bad'),
        cluster.server,
        String(cluster.nodes),
        screen.ago(cluster.startedAt),
        cluster.kubeconfig,
      ]);
      writeTable(screen, columns, rows);
      return exit.ok;
    },
  });
}

function kubeconfigCommand() {
  return defineCommand({
    name: 'kubeconfig',
    summary: "Print a cluster's kubeconfig",
    args: [nameArgument],
    flags: {},
    examples: [{ line: 'plumb cluster kubeconfig > ~/.kube/plumbline', does: 'Keep it for other tools' }],
    run: async ({ args }, context) => {
      const text = await context.actions.clusters.kubeconfig(nameIn(args));
      if (text === undefined) throw notRunning(nameIn(args));
      context.terminal.out(text);
      return exit.ok;
    },
  });
}

function nameIn(args: readonly string[]): string {
  return args[0] ?? defaultName;
}

function notRunning(name: string): EngineError {
  return new EngineError('not-found', `cluster does not run: ${name}: start it with: plumb cluster up ${name}`);
}
