// Where a person opens a pull or merge request for a branch: the page of the forge with everything filled in.
import type { ForgeAccess, ForgeSetting } from '../../ports/index.ts';
import { azurePlace } from './azure.ts';
import { kindOf } from './open-forge.ts';

/** What is to be reviewed; `base` is '' for the default branch. */
export type Proposal = { readonly branch: string; readonly base: string };

/** The address; '' where nobody knows what kind of forge it is. */
export function proposeLink(
  { scheme, host, path }: Pick<ForgeAccess, 'scheme' | 'host' | 'path'>,
  settings: readonly ForgeSetting[],
  { branch, base }: Proposal,
): string {
  const web = `${scheme}://${host}`;
  const query = (pairs: Readonly<Record<string, string>>): string =>
    Object.entries(pairs)
      .filter(([, value]) => value !== '')
      .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
      .join('&');
  // Slashes may stand in names of branches as they are.
  const plain = (name: string): string => name.split('/').map(encodeURIComponent).join('/');
  const range = base === '' ? plain(branch) : `${plain(base)}...${plain(branch)}`;
  switch (kindOf(host, settings)) {
    case undefined:
      return '';
    case 'github':
      return `${web}/${path}/compare/${range}?expand=1`;
    case 'gitea':
      return `${web}/${path}/compare/${range}`;
    case 'gitlab': {
      const names = { 'merge_request[source_branch]': branch, 'merge_request[target_branch]': base };
      return `${web}/${path}/-/merge_requests/new?${query(names)}`;
    }
    case 'bitbucket':
      return `${web}/${path}/pull-requests/new?${query({ source: branch, dest: base })}`;
    case 'bitbucket-server': {
      const [project = '', slug = ''] = path.replace(/^scm\//, '').split('/');
      const home = project.startsWith('~') ? `users/${project.slice(1)}` : `projects/${project}`;
      return `${web}/${home}/repos/${slug}/pull-requests?create&${query({ sourceBranch: branch, targetBranch: base })}`;
    }
    case 'azure': {
      const place = azurePlace(host.replace(/:\d+$/, ''), path);
      const [org, project, repo] = [place.org, place.project, place.repo].map(encodeURIComponent);
      const isCloud = kindOf(host, []) === 'azure';
      const names = query({ sourceRef: branch, targetRef: base });
      return `${isCloud ? 'https://dev.azure.com' : web}/${org}/${project}/_git/${repo}/pullrequestcreate?${names}`;
    }
  }
}
