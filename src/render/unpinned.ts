/** What a rendering took from elsewhere without saying which: nobody knows from Git alone what it was. */
import { parseVersion, type Source } from '../model/index.ts';

/** What `source` names, '' when that is one commit or one version that Git names; never with a login. */
export function unpinnedSource(source: Source, revision: string): string {
  const { chart, repoURL, targetRevision } = source;
  const isCommit = /^[0-9a-f]{7,64}$/.test(targetRevision) && revision.startsWith(targetRevision);
  if (isCommit || isVersion(targetRevision)) return '';
  const where = withoutLogin(repoURL);
  if (chart !== undefined) return `chart ${chart} ${targetRevision || '(newest)'} of ${where}`;
  return `${where} at ${targetRevision || 'HEAD'}`;
}

/** True for a complete version: `1.2.3`, `v1.2.3-rc.1`. */
export function isVersion(text: string): boolean {
  return /^v?\d+\.\d+\.\d+/.test(text) && parseVersion(text) !== undefined;
}

/** An address without the user, the password and the query that may be in it. */
export function withoutLogin(url: string): string {
  return url.replace(/\/\/[^/@]*@/, '//').replace(/\?.*$/, '');
}
