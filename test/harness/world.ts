// What an end-to-end test needs, in one: a control namespace of its own in the shared control plane, an engine that
// watches it, a Git repository, and a namespace that objects go to.
import { randomBytes } from 'node:crypto';
import { after } from 'node:test';
import { type JsonObject, type KubeObject, stringAt } from '../../src/model/index.ts';
import { TestApplication } from './application.ts';
import { installCrds, sharedKubeApi } from './application-crds.ts';
import { sharedControlPlane } from './control-plane.ts';
import { TestEngine } from './engine.ts';
import { type Kube, kubeOver, resources } from './kube.ts';
import { type Files, TestRepository } from './repository.ts';

/** How an application is declared; what is left out is automated sync with pruning and self-heal, of `path`. */
export type Wish = {
  readonly path?: string;
  readonly repo?: string;
  readonly revision?: string;
  /** More fields of the source. */
  readonly source?: JsonObject;
  readonly automated?: boolean | JsonObject;
  readonly options?: readonly string[];
  readonly retry?: JsonObject;
  /** Where its objects go; the world's own namespace unless said. */
  readonly target?: string;
  readonly project?: string;
  readonly finalizers?: readonly string[];
  readonly annotations?: JsonObject;
  readonly labels?: JsonObject;
  /** More fields of the spec. */
  readonly spec?: JsonObject;
};

export type WorldOptions = {
  readonly files?: Files;
  /** Keys of argocd-cm. */
  readonly settings?: Readonly<Record<string, string>>;
  /** The webhook secret of argocd-secret for GitHub. */
  readonly webhookSecret?: string;
  /** False leaves the engine to the test. */
  readonly start?: boolean;
  readonly env?: Readonly<Record<string, string>>;
};

/** Opens a world; it ends with the test file. To be called at the top of the file or in `before`. */
export async function openWorld(options: WorldOptions = {}): Promise<World> {
  const api = await sharedKubeApi();
  const { kubeconfigPath } = await sharedControlPlane();
  return openWorldOn(kubeOver(api), kubeconfigPath, options);
}

/** Opens a world in any control plane. */
export async function openWorldOn(kube: Kube, kubeconfigPath: string, options: WorldOptions = {}): Promise<World> {
  await installCrds(kube.api);
  const [namespace, target] = await Promise.all([freshNamespace(kube, 'control'), freshNamespace(kube, 'target')]);
  await configure(kube, namespace, options);
  const engine = new TestEngine({
    kubeconfigPath,
    namespace,
    ...(options.env === undefined ? {} : { env: options.env }),
  });
  const world = new World({ kube, kubeconfigPath, namespace, target, engine, repo: new TestRepository(options.files) });
  after(() => world.close());
  if (options.start !== false) await engine.start();
  return world;
}

async function freshNamespace(kube: Kube, prefix: string): Promise<string> {
  const name = `${prefix}-${randomBytes(4).toString('hex')}`;
  await kube.create(resources.namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  return name;
}

type Parts = Pick<World, 'kube' | 'kubeconfigPath' | 'namespace' | 'target' | 'engine' | 'repo'>;

export class World {
  readonly kube: Kube;
  readonly kubeconfigPath: string;
  readonly namespace: string;
  readonly target: string;
  readonly engine: TestEngine;
  readonly repo: TestRepository;
  readonly #suffix = randomBytes(3).toString('hex');
  readonly #namespaces: string[];

  constructor(parts: Parts) {
    this.kube = parts.kube;
    this.kubeconfigPath = parts.kubeconfigPath;
    this.namespace = parts.namespace;
    this.target = parts.target;
    this.engine = parts.engine;
    this.repo = parts.repo;
    this.#namespaces = [parts.namespace, parts.target];
  }

  /** The name that an application has in this control plane: names of two test files never meet. */
  nameOf(name: string): string {
    return `${name}-${this.#suffix}`;
  }

  /** Another namespace for objects. */
  async freshTarget(): Promise<string> {
    const name = await freshNamespace(this.kube, 'target');
    this.#namespaces.push(name);
    return name;
  }

  /** A namespace that will be made by the engine, and goes with this world. */
  laterTarget(name: string): string {
    return this.alsoMine(this.nameOf(name));
  }

  /** A namespace of this name goes with this world. */
  alsoMine(name: string): string {
    this.#namespaces.push(name);
    return name;
  }

  /** The resource of an application, not created. */
  resourceOf(name: string, wish: Wish = {}): KubeObject {
    const { path = name, revision = 'main', automated = true, options, retry, target = this.target } = wish;
    const policy: JsonObject = automated === true ? { prune: true, selfHeal: true } : automated || {};
    return {
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'Application',
      metadata: {
        name: this.nameOf(name),
        namespace: this.namespace,
        finalizers: [...(wish.finalizers ?? [])],
        annotations: wish.annotations ?? {},
        labels: wish.labels ?? {},
      },
      spec: {
        project: wish.project ?? 'default',
        source: { repoURL: wish.repo ?? this.repo.url, path, targetRevision: revision, ...wish.source },
        destination: { server: 'https://kubernetes.default.svc', namespace: target },
        syncPolicy: {
          ...(automated === false ? {} : { automated: policy }),
          ...(options === undefined ? {} : { syncOptions: [...options] }),
          ...(retry === undefined ? {} : { retry }),
        },
        ...wish.spec,
      },
    };
  }

  /** Creates an application. */
  async declare(name: string, wish: Wish = {}): Promise<TestApplication> {
    await this.kube.create(resources.applications, this.resourceOf(name, wish));
    return this.application(name, wish.target);
  }

  /** A handle of an application that something else creates. */
  application(name: string, target = this.target): TestApplication {
    const place = { namespace: this.namespace, name: this.nameOf(name), target };
    return new TestApplication(this.kube, () => this.engine, place);
  }

  async close(): Promise<void> {
    await this.engine.remove();
    this.repo.remove();
    for (const { metadata } of await this.kube.list(resources.applications, this.namespace)) {
      const name = stringAt(metadata, 'name') ?? '';
      await this.kube.patch(resources.applications, this.namespace, name, { metadata: { finalizers: null } });
    }
    for (const name of this.#namespaces) await this.kube.remove(resources.namespaces, '', name);
    await this.kube.api.close();
  }
}

// Polls are quick, so that tests need no webhook.
async function configure(kube: Kube, namespace: string, { settings, webhookSecret }: WorldOptions): Promise<void> {
  const data = { 'timeout.reconciliation': '1s', 'timeout.reconciliation.jitter': '0s', ...settings };
  const labels = { 'app.kubernetes.io/part-of': 'argocd' };
  await kube.create(resources.configMaps, {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'argocd-cm', namespace, labels },
    data,
  });
  if (webhookSecret === undefined) return;
  await kube.create(resources.secrets, {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'argocd-secret', namespace, labels },
    stringData: { 'webhook.github.secret': webhookSecret },
  });
}
