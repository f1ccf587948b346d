// The score against real objects: ../shared/cases/health beside the checkout (or $PLUMBLINE_SHARED). Each file begins
// with `# want: {"status": …, "message": …}`, what the users of that kind expect.

import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { load, YAMLException } from 'js-yaml';
import type { KubeObject } from '../model/index.ts';
import { assess } from './index.ts';

const shared = process.env.PLUMBLINE_SHARED ?? join(import.meta.dirname, '../../../shared');
const root = join(shared, 'cases/health');
const skip = existsSync(root) ? false : `no health cases at ${root}`;

test('real objects have the health that their users expect', { skip }, () => {
  const wrong: string[] = [];
  let [total, byStatus, byMessage] = [0, 0, 0];
  for (const name of caseNames()) {
    const text = readFileSync(join(root, name), 'utf8');
    const want = JSON.parse(text.slice(text.indexOf('{'), text.indexOf('\n'))) as { status: string; message?: string };
    const got = assess(lenient(text));
    const status = got?.status === want.status;
    const message = status && (want.message === undefined || (got?.message ?? '') === want.message);
    total += 1;
    if (status) byStatus += 1;
    if (message) byMessage += 1;
    if (!message) wrong.push(`${name}\n  want ${JSON.stringify(want)}\n  got  ${JSON.stringify(got)}`);
  }
  if (process.env.PLUMBLINE_VERBOSE !== undefined) console.log(wrong.join('\n'));
  console.log(`health: ${byStatus} of ${total} by status, ${byMessage} of ${total} by message`);
  assert.ok(total > 0, 'there are cases');
  assert.ok(byStatus >= total * 0.98, wrong.join('\n'));
  assert.ok(byMessage >= total * 0.9, wrong.join('\n'));
});

function caseNames(): readonly string[] {
  const folders = readdirSync(root).filter((it) => statSync(join(root, it)).isDirectory());
  return folders.sort().flatMap((folder) =>
    readdirSync(join(root, folder))
      .sort()
      .map((file) => `${folder}/${file}`),
  );
}

/** go-yaml lets quoted text go on at the indentation of its key; js-yaml does not, so those lines are moved in. */
function lenient(text: string): KubeObject {
  const lines = text.split('\n');
  for (let tries = 0; ; tries++) {
    try {
      return load(lines.join('\n')) as KubeObject;
    } catch (error) {
      const line = error instanceof YAMLException ? (error.mark?.line ?? -1) : -1;
      if (tries > lines.length || line < 0 || !/indentation/.test(String(error))) throw error;
      lines[line] = `        ${lines[line]}`;
    }
  }
}
