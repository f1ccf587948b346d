// For whom is rendered: what a rendering may know of the application, its environment included.
import type { Application } from '../model/index.ts';
import type { RenderRequest, Store } from '../ports/index.ts';

/** The annotation on an application or project that names its environment. */
export const environmentAnnotation = 'plumbline.dev/environment';

/** The application of a RenderRequest. Everyone who asks a Renderer makes it here, so that its cache agrees. */
export function renderedFor(store: Pick<Store, 'project'>, app: Application): RenderRequest['application'] {
  const { name, namespace, project, trackingName } = app;
  const environment =
    app.annotations[environmentAnnotation] ?? store.project(project)?.annotations[environmentAnnotation];
  return {
    name,
    namespace,
    project,
    trackingName,
    destinationNamespace: app.destination.namespace,
    ...(environment === undefined || environment === '' ? {} : { environment }),
  };
}
