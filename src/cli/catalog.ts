import type { Command, CommandGroup } from './command.ts';
import { adminImport } from './commands/admin-import.ts';
import { adminSettings } from './commands/admin-settings.ts';
import { appActions } from './commands/app-actions.ts';
import { appCreate } from './commands/app-create.ts';
import { appDelete } from './commands/app-delete.ts';
import { appDiff } from './commands/app-diff.ts';
import { appGet } from './commands/app-get.ts';
import { appHistory } from './commands/app-history.ts';
import { appList } from './commands/app-list.ts';
import { appLogs } from './commands/app-logs.ts';
import { appManifests } from './commands/app-manifests.ts';
import { appRefresh } from './commands/app-refresh.ts';
import { appResources } from './commands/app-resources.ts';
import { appRollback } from './commands/app-rollback.ts';
import { appSync } from './commands/app-sync.ts';
import { appTerminate } from './commands/app-terminate.ts';
import { appTree } from './commands/app-tree.ts';
import { appUnpin } from './commands/app-unpin.ts';
import { appWait } from './commands/app-wait.ts';
import { clusterCommand } from './commands/cluster.ts';
import { completeCommand } from './commands/complete.ts';
import { completion } from './commands/completion.ts';
import { diff } from './commands/diff.ts';
import { health } from './commands/health.ts';
import { helpCommand } from './commands/help.ts';
import { imageUpdate } from './commands/image-update.ts';
import { lock } from './commands/lock.ts';
import { log } from './commands/log.ts';
import { newRepo } from './commands/new-repo.ts';
import { newService } from './commands/new-service.ts';
import { projectGet } from './commands/project-get.ts';
import { projectList } from './commands/project-list.ts';
import { render } from './commands/render.ts';
import { run } from './commands/run.ts';
import { up } from './commands/up.ts';
import { verdict } from './commands/verdict.ts';
import { verify } from './commands/verify.ts';
import { version } from './commands/version.ts';
import { wait } from './commands/wait.ts';

/** Every command, in the order of the help. */
export const catalog: readonly (Command | CommandGroup)[] = [
  up,
  run,
  clusterCommand(),
  {
    name: 'app',
    aliases: ['apps', 'application'],
    summary: 'Look at applications, sync them, roll them back',
    commands: [
      appList,
      appGet,
      appCreate,
      appDiff,
      appSync,
      appWait,
      appHistory,
      appRollback,
      appUnpin,
      appRefresh,
      appTerminate,
      appResources,
      appTree,
      appManifests,
      appLogs,
      appActions,
      appDelete,
    ],
  },
  {
    name: 'project',
    aliases: ['proj', 'projects'],
    summary: 'Look at projects',
    commands: [projectList, projectGet],
  },
  lock,
  {
    name: 'new',
    summary: 'Start a repository or a service',
    commands: [newRepo, newService],
  },
  {
    name: 'image',
    aliases: ['images'],
    summary: 'Keep images new',
    commands: [imageUpdate],
  },
  render,
  diff,
  health,
  wait,
  verdict,
  log,
  verify,
  {
    name: 'admin',
    summary: 'Check settings, take a running Argo CD over',
    commands: [adminSettings, adminImport],
  },
  completion,
  version,
  helpCommand(() => catalog),
  completeCommand(() => catalog),
];
