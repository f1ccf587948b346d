// Run by git in the origin of the demo after a push: sends what a forge sends, a push event signed with HMAC-SHA256.
// Its only argument is the file with the settings; each line of standard input is `before after ref`. Says what came of
// it to the person who pushed, and never fails: the push has happened.
import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import type { Hook } from './hook.ts';

const { address, secret, url } = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as Hook;

for (const line of readFileSync(0, 'utf8').split('\n')) {
  const [before, after, ref] = line.split(' ');
  if (ref !== undefined) console.log(await tell(before ?? '', after ?? '', ref));
}

function tell(before: string, after: string, ref: string): Promise<string> {
  const repository = { html_url: url, clone_url: url, default_branch: 'main' };
  // Without commits it does not say which files changed: `forced` makes the reader look for itself.
  const body = JSON.stringify({ ref, before, after, forced: true, commits: [], repository });
  const signature = createHmac('sha256', secret).update(body).digest('hex');
  return new Promise((resolve) => {
    const headers = {
      'content-type': 'application/json',
      'x-github-event': 'push',
      'x-hub-signature-256': `sha256=${signature}`,
    };
    const call = request(`${address}/api/webhook`, { method: 'POST', headers, timeout: 5000 }, (response) => {
      response.resume();
      response.on('end', () => resolve(verdict(response.statusCode ?? 0)));
    });
    call.on('timeout', () => call.destroy(new Error('no answer')));
    call.on('error', (error) => resolve(`plumbline: not told: ${error.message}`));
    call.end(body);
  });
}

function verdict(status: number): string {
  return status === 200 ? 'plumbline: told the engine' : `plumbline: the engine refused the webhook: ${status}`;
}
