// What a verdict knows of four eyes: which revisions were admitted, by whom, and who answered where nobody had looked.
import { type Admission, type Alert, formatInstant, sameJson, type VerdictState } from '../model/index.ts';

/** The state after a change was admitted, and what is new to tell of it. `now` in ms since the epoch. */
export function admit(
  before: VerdictState | undefined,
  state: VerdictState,
  admission: Admission | undefined,
  telling: { readonly listened: boolean; readonly now: number },
): { readonly state: VerdictState; readonly alerts: readonly Alert[] } {
  const admitted = admission?.revisions ?? before?.admitted;
  const kept = admitted === undefined ? state : { ...state, admitted };
  if (admission === undefined || !sameJson([...state.record.revisions], [...admission.revisions])) {
    return { state: kept, alerts: [] };
  }
  const { approvedBy, breakGlass } = admission;
  const fresh = breakGlass !== undefined && state.record.breakGlass !== breakGlass;
  const record = {
    ...kept.record,
    ...(approvedBy.length === 0 ? {} : { approvedBy }),
    ...(breakGlass === undefined ? {} : { breakGlass }),
  };
  if (!fresh) return { state: { ...kept, record }, alerts: [] };
  const at = formatInstant(telling.now);
  const { environment, application, revisions } = record;
  const id = `${environment}/${application}/${revisions.join('+')}/break-glass/${at}`;
  const message = `${application} in ${environment}: ${breakGlass}`;
  const alert: Alert = { id, kind: 'break-glass', at, record, differences: [], message };
  const outbox = telling.listened ? [...kept.outbox, alert] : kept.outbox;
  return { state: { ...kept, record, outbox }, alerts: [alert] };
}
