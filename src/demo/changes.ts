// Tells what happens while a person tries things: each transition of an application, and each change by hand, which is put
// right before any status could tell of it.
import { objectAt, stringAt } from '../model/index.ts';
import type { Applications } from './applications.ts';
import { lineOf, transition } from './board.ts';
import type { Live } from './live.ts';
import type { Setting } from './setting.ts';

/** Tells changes from now on, until the answer is called. */
export function tellChanges(live: Live, { api, connection }: Setting, applications: Applications): () => void {
  applications.onChange((row, before) => {
    const line = transition(live, row, before, clock());
    if (line !== undefined) live.print(line);
  });
  let known = false;
  const events = `/api/v1/namespaces/${encodeURIComponent(connection.namespace)}/events`;
  return api.watch(`${events}?fieldSelector=${encodeURIComponent('reason=Drifted')}`, {
    put: (event) => {
      const { name, namespace } = objectAt(event, 'involvedObject');
      const row = applications.rows().find((one) => one.key === `${namespace}/${name}`);
      if (!known || row === undefined) return;
      const rest = row.sync === 'Synced' ? ', and put right' : '';
      const what = `${stringAt(event, 'message') ?? 'changed in the cluster'}${rest}`;
      live.print(
        lineOf(live, [
          [clock(), 'dim'],
          [row.name.padEnd(18), 'strong'],
          [what, 'warn'],
        ]),
      );
    },
    gone: () => {},
    synced: () => {
      known = true;
    },
  });
}

function clock(): string {
  return new Date().toISOString().slice(11, 21);
}
