// Job: tells people and programs of verdicts: by webhook, in Git, at forges.
// May import: model, ports.
// Never: judge; lose an alert; show a secret.
export { createArchive, type Keeper } from './archive.ts';
export { createChangeRequests } from './change-requests.ts';
export { commentService } from './comment-service.ts';
export { proposeLink } from './forges/propose-link.ts';
export { createNotifier, type NotifierOptions, type Service } from './notifier.ts';
export { readLines } from './record-lines.ts';
export { notesRef } from './ref-names.ts';
export { createReviews } from './review-service.ts';
export { checkProof, createSigner } from './signing.ts';
export { type StatusParts, statusService } from './status-service.ts';
export { webhookService } from './webhook.ts';
export { createWriteback, type WritebackParts } from './writeback.ts';
