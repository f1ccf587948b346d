// Webhooks as forges send them, signed.
import { createHmac } from 'node:crypto';

/** A push in GitHub's format. `url` is what the forge calls the repository. */
export type Push = {
  readonly url: string;
  readonly ref: string;
  readonly before: string;
  readonly after: string;
  readonly files: readonly string[];
};

/** Posts a push to an engine; answers status and text. `secret` undefined leaves the signature out. */
export async function sendPush(
  address: string,
  push: Push,
  secret?: string,
): Promise<{ status: number; text: string }> {
  const { url, ref, before, after, files } = push;
  const body = JSON.stringify({
    ref,
    before,
    after,
    repository: { html_url: url, clone_url: url, default_branch: 'main' },
    commits: [{ id: after, added: [], removed: [], modified: files }],
  });
  const signature = secret === undefined ? undefined : createHmac('sha256', secret).update(body).digest('hex');
  const headers: Record<string, string> = { 'content-type': 'application/json', 'x-github-event': 'push' };
  if (signature !== undefined) headers['x-hub-signature-256'] = `sha256=${signature}`;
  const answer = await fetch(`${address}/api/webhook`, { method: 'POST', headers, body });
  return { status: answer.status, text: await answer.text() };
}
