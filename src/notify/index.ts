// Job: tells people and programs of verdicts: by webhook, in Git, at forges.
// May import: model, ports.
// Never: judge; lose an alert; show a secret.
export { createNotifier, type NotifierOptions, type Service } from './notifier.ts';
export { signatureOf, webhookService } from './webhook.ts';
