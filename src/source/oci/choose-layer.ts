import { at, EngineError, type Json, listAt, numberAt, stringAt } from '../../model/index.ts';

/** The layer of an artifact that holds its files. */
export type ChosenLayer = {
  readonly digest: string;
  readonly size: number;
  /** A Helm chart: its archive has the chart's directory around everything. */
  readonly isChart: boolean;
};

const chartLayer = 'application/vnd.cncf.helm.chart.content.v1.tar+gzip';
const chartLayers = new Set([chartLayer, 'application/tar+gzip']);
const fileLayers = new Set([
  'application/vnd.oci.image.layer.v1.tar',
  'application/vnd.oci.image.layer.v1.tar+gzip',
  'application/vnd.docker.image.rootfs.diff.tar.gzip',
  'application/vnd.cncf.flux.content.v1.tar+gzip',
]);

/** The digests of the manifests in an index, the one to take first: ours if it says so, never an attestation. */
export function manifestsOfIndex(manifest: Json): readonly string[] {
  const rated = listAt(manifest, 'manifests').flatMap((entry) => {
    const digest = stringAt(entry, 'digest') ?? '';
    const os = stringAt(entry, 'platform', 'os');
    if (!/^sha256:[0-9a-f]{64}$/.test(digest) || os === 'unknown') return [];
    const common = os === 'linux' && stringAt(entry, 'platform', 'architecture') === 'amd64';
    return [{ digest, rank: os === undefined ? 0 : common ? 1 : 2 }];
  });
  return rated.sort((a, b) => a.rank - b.rank).map((one) => one.digest);
}

/** True for an index of manifests. */
export function isIndex(manifest: Json): boolean {
  return Array.isArray(at(manifest, 'manifests')) && at(manifest, 'layers') === undefined;
}

/** The one layer with files: a chart's content, or the only layer of an artifact. EngineError `repo-config` otherwise. */
export function chooseLayer(manifest: Json, about: string): ChosenLayer {
  const layers = listAt(manifest, 'layers').map((layer) => ({
    type: stringAt(layer, 'mediaType') ?? '',
    digest: stringAt(layer, 'digest') ?? '',
    size: numberAt(layer, 'size') ?? Number.NaN,
  }));
  const chart = layers.filter((layer) => chartLayers.has(layer.type));
  const files = layers.filter((layer) => fileLayers.has(layer.type));
  const [chosen, ...others] = chart.length > 0 ? chart : files;
  if (chosen === undefined) {
    const types = layers.map((layer) => layer.type).join(', ') || 'none';
    throw new EngineError('repo-config', `artifact: has no layer with files (${types.slice(0, 200)}): ${about}`, {
      about,
    });
  }
  if (others.length > 0)
    throw new EngineError('repo-config', `artifact: must have a single layer: ${about}`, { about });
  if (!/^sha256:[0-9a-f]{64}$/.test(chosen.digest) || !Number.isSafeInteger(chosen.size)) {
    throw new EngineError('repo-config', `artifact: its layer has no digest: ${about}`, { about });
  }
  return { digest: chosen.digest, size: chosen.size, isChart: chosen.type === chartLayer };
}
