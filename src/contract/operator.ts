import type { AppKey, HistoryEntry, JsonObject, Project, SettingFinding } from '../model/index.ts';
import type { ActionDone, ActionRequest, ActionView, ObjectPick } from './actions.ts';
import type { Component, ImportReport } from './admin.ts';
import type {
  ApplicationDetail,
  ApplicationEvent,
  ApplicationFilter,
  ApplicationView,
  ObjectView,
  OrphansView,
  ProjectView,
  TreeNodeView,
} from './applications.ts';
import type { ApplicationDiff } from './changes.ts';
import type { CommitState } from './commits.ts';
import type { RecordFilter, RecordView, Verification } from './records.ts';
import type {
  DiffRequest,
  LogsRequest,
  ManifestsAnswer,
  ManifestsRequest,
  PodLog,
  RollbackAnswer,
  RollbackRequest,
  SyncAnswer,
  SyncRequest,
} from './requests.ts';
import type { RenderInput } from './workbench.ts';

/**
 * Everything that a client may ask of Plumbline: today the command line, later the API and through it the web.
 * Failures are EngineErrors with stable codes; `not-found` where an application, project or history entry does not
 * exist. Requests that change something return when they are recorded, not when they are done: watch for that.
 */
export type Operator = {
  listApplications(filter: ApplicationFilter): Promise<readonly ApplicationView[]>;
  getApplication(key: AppKey): Promise<ApplicationDetail>;
  /** The resource as the API server has it, in its own dialect. */
  getResource(key: AppKey): Promise<JsonObject>;
  listResources(filter: ApplicationFilter): Promise<readonly JsonObject[]>;
  /** Creates from a resource (JSON of an Application); `upsert` replaces the spec of one that exists. */
  createApplication(resource: JsonObject, options?: { readonly upsert?: boolean }): Promise<ApplicationDetail>;
  /** Deletes the application; its objects too unless `cascade` is none. */
  deleteApplication(key: AppKey, options: { readonly cascade: 'none' | 'foreground' | 'background' }): Promise<void>;
  /** Asks for a sync. EngineError `busy` when another one runs. */
  sync(key: AppKey, request: SyncRequest): Promise<SyncAnswer>;
  /** Asks the running sync to end. */
  terminate(key: AppKey): Promise<void>;
  rollback(key: AppKey, request: RollbackRequest): Promise<RollbackAnswer>;
  /** Lifts what a rollback holds; false when nothing was held. */
  unpin(key: AppKey): Promise<boolean>;
  /** Asks to look again; `hard` forgets cached renderings too. */
  refresh(key: AppKey, how: 'normal' | 'hard'): Promise<void>;
  /** Newest first. */
  history(key: AppKey): Promise<readonly HistoryEntry[]>;
  resources(key: AppKey): Promise<readonly ObjectView[]>;
  manifests(key: AppKey, request: ManifestsRequest): Promise<ManifestsAnswer>;
  tree(key: AppKey): Promise<readonly TreeNodeView[]>;
  /** What lives in its namespace and belongs to no application, where its project asks about that. */
  orphans(key: AppKey): Promise<OrphansView>;
  logs(key: AppKey, request: LogsRequest): Promise<readonly PodLog[]>;
  /** What can be done to the live objects that are meant, and to those below them. */
  actions(key: AppKey, pick: ObjectPick): Promise<readonly ActionView[]>;
  /** Does it. EngineError `not-found` when no object or action is meant, `usage` when several are, or a parameter is wrong. */
  runAction(key: AppKey, request: ActionRequest): Promise<readonly ActionDone[]>;
  diff(key: AppKey, request: DiffRequest): Promise<ApplicationDiff>;
  /** What the application would be rendered with: give it to a Workbench to see the same with other files. */
  renderInput(key: AppKey): Promise<RenderInput>;
  /** How far the applications that follow a repository with this commit (SHA, branch or tag) are with it. */
  commitState(commit: string, filter: ApplicationFilter): Promise<CommitState>;
  /** The records of commits, newest first: the audit log. */
  records(filter: RecordFilter): Promise<readonly RecordView[]>;
  /** Whether a commit (SHA, branch or tag) is what an environment runs: from Git, from what was recorded, from the cluster. */
  verify(commit: string, filter: ApplicationFilter & { readonly environment: string }): Promise<Verification>;
  /** What people have to know of the settings: values that cannot be read, keys that nobody knows. */
  checkSettings(): Promise<readonly SettingFinding[]>;
  /** What taking over the Argo CD of the control namespace would mean. Nothing is written. */
  importReport(told: (done: number, all: number) => void): Promise<ImportReport>;
  /** Stops the programs of Argo CD that write to clusters, or starts them again as they were. */
  setArgoCd(running: boolean): Promise<readonly Component[]>;
  listProjects(): Promise<readonly ProjectView[]>;
  /** Says how the objects of a project are locked against direct changes; the engine keeps the locks. */
  lockProject(name: string, mode: 'off' | 'warn' | 'deny'): Promise<Project>;
  getProject(name: string): Promise<Project>;
  /** Tells the present state of every application that matches, then every change, until the answer is called. */
  watch(filter: ApplicationFilter, listener: (event: ApplicationEvent) => void): () => void;
  /** Frees connections; nothing may be asked afterwards. */
  close(): Promise<void>;
};
