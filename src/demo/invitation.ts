// What a person may do next, as lines to copy.
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Look, paint } from './paint.ts';
import type { DemoCluster, DemoEngine } from './parts.ts';
import type { Shop } from './shop.ts';

/** What there is to invite to. */
export type Scenery = {
  readonly shop: Shop | undefined;
  readonly kubeconfig: string | undefined;
  readonly cluster: DemoCluster | undefined;
  readonly engine: DemoEngine;
  readonly log: string;
  /** How `plumb` is called from anywhere. */
  readonly plumb: string;
  readonly path: string;
};

/** The lines of the invitation. */
export function invitation(look: Look, scenery: Scenery): readonly string[] {
  const title = (text: string): string => paint(look, text, 'strong');
  const { shop, kubeconfig, plumb, engine, log } = scenery;
  const lines: string[] = [];
  const add = (heading: string, ...commands: readonly string[]): void => {
    lines.push('', title(heading), ...commands.map((command) => `  ${command}`));
  };
  const setup = [
    ...(shop === undefined ? [] : [`cd ${shop.clone}`]),
    ...(kubeconfig === undefined ? [] : [`export KUBECONFIG=${kubeconfig}`]),
  ];
  if (setup.length > 0) add('In another terminal', ...setup);
  if (shop !== undefined) addPlays(add, scenery);
  add(
    'Look around',
    `${plumb} app list`,
    ...(shop === undefined ? [] : [`${plumb} app get storefront`, `${plumb} app history storefront`]),
    `curl -s ${engine.address}/metrics | grep ^argocd_`,
    `tail -f ${log}`,
  );
  lines.push(
    '',
    paint(look, `Webhooks go to ${engine.address}/api/webhook, health is at /healthz and /readyz.`, 'dim'),
  );
  return lines;
}

function addPlays(add: (heading: string, ...commands: readonly string[]) => void, scenery: Scenery): void {
  const inPlace = process.platform === 'darwin' ? "sed -i ''" : 'sed -i';
  add(
    'Push a commit',
    `${inPlace} 's/replicas: 3/replicas: 5/' storefront/deployment.yaml`,
    `git commit -am 'Five storefronts' && git push && ${scenery.plumb} wait`,
  );
  add('Change something by hand, and see it put right', ...byHand(scenery));
  add(
    'Ask Git what is live, and who says so',
    "git fetch --quiet origin '+refs/heads/*:refs/remotes/origin/*' '+refs/notes/*:refs/notes/*'",
    'git log --oneline origin/plumbline/production',
    'git notes --ref=plumbline/production show origin/plumbline/production',
    `${scenery.plumb} verify origin/plumbline/production --env production`,
  );
  add(
    'Roll back: it holds until the next commit',
    `${scenery.plumb} app rollback storefront --reason 'five are too many'`,
  );
}

function byHand({ cluster, path }: Scenery): readonly string[] {
  if (cluster === undefined || isOnPath('kubectl', path)) {
    return ['kubectl -n shop scale deployment/storefront --replicas 1', 'kubectl -n shop delete service/catalog'];
  }
  const key = (name: string): string => join(cluster.dir, 'pki', name);
  const curl = `curl -sS -o /dev/null -w '%{http_code}\\n' --cacert ${key('ca.crt')} --cert ${key('admin.crt')} --key ${key('admin.key')}`;
  const deployment = `${cluster.server}/apis/apps/v1/namespaces/shop/deployments/storefront/scale`;
  return [
    `k8s() { ${curl} "$@"; }`,
    `k8s -X PATCH -H 'content-type: application/merge-patch+json' -d '{"spec":{"replicas":1}}' ${deployment}`,
    `k8s -X DELETE ${cluster.server}/api/v1/namespaces/shop/services/catalog`,
  ];
}

function isOnPath(name: string, path: string): boolean {
  return path.split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, name), constants.X_OK);
      return folder !== '';
    } catch {
      return false;
    }
  });
}
