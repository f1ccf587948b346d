import type { Application, JsonObject, KubeObject, Project, Report } from '../model/index.ts';

/**
 * How applications and projects are written down as resources: a folder of `dialects`, handed to rooms that may not
 * import it. Nothing here throws; problems of form are told in the model.
 */
export type Dialect = {
  /** A report that is known already is taken as it is, and the status is not read. */
  readApplication(
    resource: KubeObject,
    context: { readonly controlNamespace: string; readonly report?: Report },
  ): Application;
  readProject(resource: KubeObject): Project;
  /** What a project is that nobody has declared. */
  allowAllProject(name: string): Project;
  /** The resource of such a project, for it to be declared. */
  writeAllowAllProject(name: string, namespace: string): KubeObject;
  /** The status of a report: a function of its arguments alone. */
  writeStatus(
    report: Report,
    application: Pick<Application, 'destination' | 'ignoreDifferences' | 'rawSpec'>,
    context: { readonly controlNamespace?: string },
  ): JsonObject;
  /** The JSON merge patch between two statuses, undefined when there is nothing worth writing. */
  statusPatch(before: JsonObject, after: JsonObject): JsonObject | undefined;
  isOurFinalizer(finalizer: string): boolean;
  /** Milliseconds of a duration as settings write it, undefined when it cannot be read. */
  parseDuration(text: string): number | undefined;
  readonly refreshAnnotation: string;
  readonly pinAnnotation: string;
};
