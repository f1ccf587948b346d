// Job: Git repositories, Helm repositories and OCI registries: what a revision is now, and its files; webhooks.
// May import: model, ports.
// Never: check anything out, run a hook, show a credential, or trust what a repository says about itself.

export { type Checkout, checkoutAt, localCommit } from './checkout.ts';
export { dockerLogins } from './docker-login.ts';
export { createForgeLogin } from './forge-login.ts';
export { writeNewFile } from './new-file.ts';
export { createSources } from './sources.ts';
export { parseWebhook } from './webhooks/parse-webhook.ts';
