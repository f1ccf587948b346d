// The tree below the objects of an application. Children are looked up when somebody looks at them: the metadata of
// every kind in the namespaces concerned, whole objects only where their health or images are shown. What was listed a
// moment ago is used again, so that the trees of many applications in one namespace cost one look.
import {
  type Health,
  isJsonObject,
  type KubeObject,
  listAt,
  type ObjectRef,
  objectAt,
  type Resident,
  splitApiVersion,
  stringAt,
} from '../model/index.ts';
import type { Clock, TreeNode } from '../ports/index.ts';
import { collectionPath, type ServedKind } from './discovery.ts';
import type { Assess } from './facts.ts';
import type { Parts } from './parts.ts';
import { imagesOf } from './shown.ts';

const metadataList = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';
// Children whose health or images people look at; of all others the metadata is enough.
const whole = new Set(['/Pod', 'apps/ReplicaSet', 'batch/Job', '/PersistentVolumeClaim']);
// They are many, change all the time, and own nothing that anybody looks for in a tree.
const neverChildren = new Set(['/Event', 'events.k8s.io/Event', 'coordination.k8s.io/Lease', '/Secret', '/ConfigMap']);
const pageSize = 1000;
const freshFor = 2_000;

type Node = TreeNode & { readonly owners: readonly string[] };
type Listing = { readonly at: number; readonly nodes: Promise<readonly Node[]> };

/** Answers with trees. */
export class Trees {
  readonly #parts: Parts;
  readonly #clock: Clock;
  readonly #assess: Assess;
  readonly #listings = new Map<string, Listing>();

  constructor(parts: Parts, clock: Clock, assess: Assess) {
    this.#parts = parts;
    this.#clock = clock;
    this.#assess = assess;
  }

  /** The roots that exist, and everything that they own, owners before what they own. */
  async tree(
    tracking: string,
    roots: readonly ObjectRef[],
    residents: readonly Resident[],
  ): Promise<readonly TreeNode[]> {
    const nodes = this.#roots(tracking, roots, residents);
    const namespaces = new Set<string>();
    for (const node of nodes) if (node.ref.namespace !== '') namespaces.add(node.ref.namespace);
    const children = new Map<string, Node[]>();
    const listed = await Promise.all([...namespaces].map((namespace) => this.#namespace(namespace)));
    for (const node of listed.flat(2)) {
      for (const owner of node.owners) {
        const siblings = children.get(owner);
        if (siblings === undefined) children.set(owner, [node]);
        else siblings.push(node);
      }
    }
    return descend(nodes, children);
  }

  #roots(tracking: string, roots: readonly ObjectRef[], residents: readonly Resident[]): readonly TreeNode[] {
    const facts = this.#parts.facts();
    const found = new Map<string, TreeNode>();
    const add = (fact: ReturnType<typeof facts.find>): void => {
      if (fact === undefined) return;
      const { ref, uid, owners, createdAt, health, images, resourceVersion } = facts.live(fact);
      const node = { ref, uid, parentUids: owners, createdAt, images, resourceVersion };
      found.set(uid, health === undefined ? node : { ...node, health });
    };
    for (const fact of facts.trackedBy(tracking)) add(fact);
    for (const ref of roots) add(facts.find(ref));
    for (const { tracking: _, ...known } of residents) {
      const fact = facts.find(known.ref);
      if (fact?.uid === known.uid) add(fact);
      else found.set(known.uid, { ...known, parentUids: [], images: [] });
    }
    return [...found.values()];
  }

  async #namespace(namespace: string): Promise<readonly (readonly Node[])[]> {
    const catalog = await this.#parts.kinds.catalog();
    const lists: Promise<readonly Node[]>[] = [];
    for (const [key, [served]] of catalog.kinds) {
      if (served === undefined || !served.namespaced || neverChildren.has(key)) continue;
      if (!served.verbs.includes('list') || !served.verbs.includes('watch')) continue;
      if (this.#parts.watches.isOutside(served, namespace)) continue;
      lists.push(this.#list(key, served, namespace));
    }
    return Promise.all(lists);
  }

  #list(key: string, served: ServedKind, namespace: string): Promise<readonly Node[]> {
    const now = this.#clock.now();
    for (const [place, { at }] of this.#listings) if (now - at > freshFor) this.#listings.delete(place);
    const place = `${key} ${namespace}`;
    const known = this.#listings.get(place);
    if (known !== undefined) return known.nodes;
    // A kind that cannot be listed (no right to, or its server is away) hides only its own children.
    const nodes = this.#fetch(key, served, namespace).catch(() => []);
    this.#listings.set(place, { at: now, nodes });
    return nodes;
  }

  async #fetch(key: string, served: ServedKind, namespace: string): Promise<readonly Node[]> {
    const nodes: Promise<Node>[] = [];
    const doing = `list ${served.plural} ${namespace}`;
    let next = '';
    do {
      const token = next === '' ? '' : `&continue=${encodeURIComponent(next)}`;
      const answer = await this.#parts.client.json({
        method: 'GET',
        path: `${collectionPath(served, namespace)}?limit=${pageSize}${token}`,
        doing,
        who: `tree ${namespace}`,
        accept: whole.has(key) ? 'application/json' : metadataList,
      });
      for (const item of listAt(answer, 'items')) {
        const metadata = objectAt(item, 'metadata');
        if (!isJsonObject(item) || listAt(metadata, 'ownerReferences').length === 0) continue;
        const apiVersion = served.group === '' ? served.version : `${served.group}/${served.version}`;
        nodes.push(this.#node({ ...item, apiVersion, kind: served.kind, metadata }, whole.has(key)));
      }
      next = stringAt(answer, 'metadata', 'continue') ?? '';
    } while (next !== '');
    return Promise.all(nodes);
  }

  async #node(object: KubeObject, isWhole: boolean): Promise<Node> {
    const { metadata } = object;
    const text = (field: string): string => stringAt(metadata, field) ?? '';
    const owners = listAt(metadata, 'ownerReferences').map((owner) => stringAt(owner, 'uid') ?? '');
    const health: Health | undefined = isWhole ? await this.#assess(object) : undefined;
    return {
      ref: {
        ...splitApiVersion(object.apiVersion),
        kind: object.kind,
        namespace: text('namespace'),
        name: text('name'),
      },
      uid: text('uid'),
      parentUids: owners,
      owners,
      createdAt: text('creationTimestamp'),
      images: isWhole ? imagesOf(object) : [],
      resourceVersion: text('resourceVersion'),
      ...(health === undefined ? {} : { health }),
    };
  }
}

/** Breadth first; owners may form a cycle, so everything is visited once. */
function descend(roots: readonly TreeNode[], children: ReadonlyMap<string, readonly Node[]>): readonly TreeNode[] {
  const seen = new Set(roots.map((root) => root.uid));
  const out: TreeNode[] = [...roots];
  for (let i = 0; i < out.length; i++) {
    for (const { owners: _owners, ...child } of children.get(out[i]?.uid ?? '') ?? []) {
      if (seen.has(child.uid)) continue;
      seen.add(child.uid);
      out.push(child);
    }
  }
  return out;
}
