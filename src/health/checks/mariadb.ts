// Health of the MariaDB operator, under its old group as well.

import type { Health, KubeObject } from '../../model/index.ts';
import { conditionsOf, textIn } from '../read.ts';
import { type Check, type Checks, eachKind, find, firstOf, health, otherwise, when } from '../rules.ts';

const noStatus = 'No status info available';

/** Checks of the MariaDB operator. */
export const mariadb: Checks = {
  'k8s.mariadb.com/MariaDB': server,
  'k8s.mariadb.com/MaxScale': server,
  'mariadb.mmontes.io/MariaDB': server,
  ...eachKind('k8s.mariadb.com', ['Database', 'User', 'Grant', 'Connection'], declared()),
  'k8s.mariadb.com/Backup': backup,
  'k8s.mariadb.com/PhysicalBackup': backup,
  'k8s.mariadb.com/Restore': backup,
  'k8s.mariadb.com/SqlJob': sqlJob,
};

/** The first condition that is not met says what is going on; only the reason Failed is a fault. */
function server(object: KubeObject): Health {
  const conditions = conditionsOf(object);
  const open = conditions.find((it) => it.status === 'False');
  if (open !== undefined) {
    return health(open.reason === 'Failed' ? 'Degraded' : 'Progressing', textIn(open, 'message'));
  }
  const last = conditions.at(-1);
  return last === undefined ? health('Progressing', noStatus) : health('Healthy', textIn(last, 'message'));
}

function declared(): Check {
  return firstOf(
    when('Ready', 'True', 'Healthy'),
    find((it) => it.type === 'Ready', 'Degraded'),
    otherwise('Progressing', noStatus),
  );
}

function backup(object: KubeObject): Health {
  const conditions = conditionsOf(object);
  const open = conditions.find((it) => it.status === 'False');
  const told = open ?? conditions.at(-1);
  if (told === undefined) return health('Progressing', noStatus);
  const message = `${textIn(told, 'reason')} ${textIn(told, 'message')}`;
  if (open === undefined) return health('Healthy', message);
  return health(open.message === 'Failed' || open.reason === 'JobFailed' ? 'Degraded' : 'Progressing', message);
}

function sqlJob(object: KubeObject): Health {
  let message = noStatus;
  for (const it of conditionsOf(object)) {
    message = `${textIn(it, 'reason')} ${textIn(it, 'message')}`;
    if (it.status !== 'True') continue;
    if (it.reason === 'JobComplete') return health('Healthy', message);
    if (it.reason === 'JobFailed') return health('Degraded', message);
  }
  return health('Progressing', message);
}
