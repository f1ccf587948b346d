// How projects are locked: written down as their annotation; the engine keeps the rest.
import type { Operator } from '../../contract/index.ts';
import { EngineError } from '../../model/index.ts';
import { lockAnnotation } from '../../policy/index.ts';
import type { OperatorParts } from './parts.ts';

/** The requests about locks. */
export function lockRequests({ desk }: OperatorParts): Pick<Operator, 'lockProject'> {
  return {
    async lockProject(name, mode) {
      if (desk.patchProject === undefined) throw new EngineError('usage', `projects cannot be changed here: ${name}`);
      const annotations = { [lockAnnotation]: mode === 'off' ? null : mode };
      return desk.patchProject(name, { metadata: { annotations } });
    },
  };
}
