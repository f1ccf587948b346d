/**
 * A YAML file as values, with the semantics of sigs.k8s.io/yaml: js-yaml's parser for almost everything, the original
 * library in the toolbox for what js-yaml refuses. Used for manifests, overrides and jsonnet-free configuration.
 */
import { parseEvents, YAMLException } from 'js-yaml';
import { maxDepth, parseJson, type Value } from '../exact-json.ts';
import { type Toolbox, ToolboxError } from '../toolbox/protocol.ts';
import { fromToolbox } from '../toolbox-errors.ts';
import { type Constructed, construct, YamlProblem } from './construct.ts';
import { lineFinder, type Piece, splitDocuments } from './split.ts';

/** One document of a file, never null; `line` (from 1) is where its content starts. */
export type YamlDocument = { readonly value: Value; readonly line: number };

export type YamlFile = {
  readonly documents: readonly YamlDocument[];
  /** Keys that were set twice in one map; the last one counts. */
  readonly duplicates: readonly { readonly key: string; readonly line: number }[];
  /** Why reading ended early; the documents before it are there. */
  readonly problem?: { readonly message: string; readonly line: number; readonly limit: boolean };
};

/** Documents that a file may have. */
export const maxYamlDocuments = 20_000;
/** Duplicate keys that are told of one file. */
const maxDuplicatesTold = 10;

/**
 * Reads all documents of `text`; the toolbox is asked only for documents that js-yaml refuses. EngineError
 * `toolbox-failed` when it cannot answer.
 */
export async function readYaml(
  text: string,
  toolbox: Pick<Toolbox, 'yaml'>,
  breathe?: () => Promise<void>,
): Promise<YamlFile> {
  const documents: YamlDocument[] = [];
  const duplicates: { key: string; line: number }[] = [];
  for (const piece of splitDocuments(text)) {
    const read = parsePiece(piece);
    if (read.problem === undefined) collect(piece, read.documents, documents, duplicates);
    else if (read.problem.limit) return { documents, duplicates, problem: read.problem };
    else {
      const again = await fallback(piece, toolbox, read.problem);
      documents.push(...again.documents);
      if (again.problem !== undefined) return { documents, duplicates, problem: again.problem };
    }
    if (documents.length > maxYamlDocuments) {
      const message = `more than ${maxYamlDocuments} documents in one file`;
      return { documents, duplicates, problem: { message, line: piece.line, limit: true } };
    }
    await breathe?.();
  }
  return { documents, duplicates };
}

type Problem = { readonly message: string; readonly line: number; readonly limit: boolean };

function parsePiece(piece: Piece): { readonly documents: readonly Constructed[]; readonly problem?: Problem } {
  try {
    return { documents: construct(piece.text, parseEvents(piece.text, { maxDepth })) };
  } catch (error) {
    return { documents: [], problem: problemOf(error, piece) };
  }
}

function problemOf(error: unknown, piece: Piece): Problem {
  if (error instanceof YamlProblem)
    return { message: error.message, line: lineFinder(piece)(error.position), limit: error.limit };
  if (error instanceof YAMLException) {
    const limit = error.reason.includes('maxDepth');
    const message = limit ? `nested deeper than ${maxDepth} levels` : error.reason;
    return { message, line: piece.line + (error.mark?.line ?? 0), limit };
  }
  if (error instanceof RangeError) return { message: 'nested too deeply', line: piece.line, limit: true };
  throw error;
}

function collect(
  piece: Piece,
  found: readonly Constructed[],
  documents: YamlDocument[],
  duplicates: { key: string; line: number }[],
): void {
  const lineOf = lineFinder(piece);
  for (const document of found) {
    if (document.value !== null) documents.push({ value: document.value, line: lineOf(document.position) });
    for (const { key, position } of document.duplicates) {
      if (duplicates.length >= maxDuplicatesTold) break;
      duplicates.push({ key, line: lineOf(position) });
    }
  }
}

async function fallback(
  piece: Piece,
  toolbox: Pick<Toolbox, 'yaml'>,
  problem: Problem,
): Promise<{ readonly documents: readonly YamlDocument[]; readonly problem?: Problem }> {
  const text = piece.text.replace(/^(?:[ \t]*\r?\n)+/, '');
  const first = lineFinder(piece)(piece.text.length - text.length);
  try {
    const { docs } = await toolbox.yaml({ text });
    const documents = docs.map((doc) => ({ value: parseJson(doc.json), line: first + doc.line - 1 }));
    return { documents: documents.filter((document) => document.value !== null) };
  } catch (error) {
    if (error instanceof RangeError)
      return { documents: [], problem: { message: error.message, line: first, limit: true } };
    if (!(error instanceof ToolboxError)) throw error;
    if (isLimit(error)) return { documents: [], problem: { ...problem, limit: true } };
    // Without the judge nobody knows whether the document is wrong.
    if (error.code !== 'yaml') throw fromToolbox(error, 'yaml', '');
    const line = error.details.line === undefined ? problem.line : first + error.details.line - 1;
    return { documents: [], problem: { message: error.message, line, limit: false } };
  }
}

function isLimit(error: ToolboxError): boolean {
  return ['timeout', 'memory', 'input-limit', 'output-limit'].includes(error.code);
}
