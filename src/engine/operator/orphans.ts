// What lives in the namespace of an application and belongs to no application, with what it owns.
import type { OrphansView, TreeNodeView } from '../../contract/index.ts';
import type { AppKey } from '../../model/index.ts';
import { orphansOf } from '../../policy/index.ts';
import { isTrackingOf } from '../orphans.ts';
import { projectOf } from '../project.ts';
import type { OperatorParts } from './parts.ts';

/** The orphans that the project of an application asks about. */
export async function orphans(parts: OperatorParts, key: AppKey): Promise<OrphansView> {
  const app = await parts.desk.application(key);
  const { clusters, store } = await parts.depths();
  const project = projectOf({ store }, app);
  const { namespace } = app.destination;
  if (project.orphaned === undefined || namespace === '') return { asked: false, nodes: [] };
  const cluster = await clusters.get(app.destination, app.project);
  // Who cannot be reached says so here; looking at residents waits for what is not there.
  await cluster.version();
  const [residents, applications] = await Promise.all([cluster.residents(namespace), parts.desk.applications()]);
  const known = new Set(applications.map((one) => one.trackingName));
  const found = orphansOf(project, residents, isTrackingOf(known));
  const nodes = await cluster.tree('', [], found);
  return {
    asked: true,
    nodes: nodes.map(({ ref, uid, parentUids, createdAt, images, health }): TreeNodeView => {
      return { ref, uid, parentUids, createdAt, images, ...(health === undefined ? {} : { health }), orphaned: true };
    }),
  };
}
