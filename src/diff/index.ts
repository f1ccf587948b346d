// Job: compare what is desired with what is live, object by object, and say what belongs to whom.
// May import: model.
// Never: ask a server; what only a server can tell comes in as predictions.
export { compare, counts, type Sides, unpredicted, wantedIds } from './compare.ts';
export type { Path } from './field-set.ts';
export { byId, dress, type Identity, isOurs, localize, trackedBy } from './identity.ts';
export { ruleMatches, rulesMark } from './ignore.ts';
export { unsaid } from './secrets.ts';
export { type Ignored, ignoredPaths, spare } from './spare.ts';
