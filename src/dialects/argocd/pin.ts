// A rollback that holds: our own annotation on the Application, JSON with sources in Argo CD's form.
import { isJsonObject, type Json, type Pin } from '../../model/index.ts';
import { pinAnnotation } from './annotations.ts';
import { children, type Fields, text, texts } from './fields.ts';
import { readSource, writeSource } from './source.ts';

/** The pin in an annotation's value; one that cannot be read is a problem, so that nothing undoes the rollback. */
export function readPin(annotation: string, problems: string[]): Pin | undefined {
  const path = `metadata.annotations[${pinAnnotation}]`;
  const parsed = parse(annotation);
  if (!isJsonObject(parsed)) {
    problems.push(`${path}: must be a JSON object`);
    return undefined;
  }
  const at: Fields = { value: parsed, path, problems };
  return {
    sources: children(at, 'sources').map(readSource),
    revisions: texts(at, 'revisions'),
    untilRevisionChangesFrom: texts(at, 'untilRevisionChangesFrom'),
    by: text(at, 'by'),
    reason: text(at, 'reason'),
  };
}

/** The annotation's value. */
export function writePin(pin: Pin): string {
  return JSON.stringify({ ...pin, sources: pin.sources.map(writeSource) });
}

function parse(written: string): Json | undefined {
  try {
    return JSON.parse(written) as Json;
  } catch {
    return undefined;
  }
}
