import type { Clock, ForgeAccess, ForgeLogin, RepositoryCredential, TrustSettings } from '../ports/index.ts';
import { type Address, parseAddress } from './address.ts';
import { credentialFor } from './credentials.ts';
import { GitHubApps } from './github-app.ts';
import { httpTrust } from './http/access.ts';
import { HttpClient } from './http/client.ts';

/** What forges are reached with; everything that can change is asked for when it is needed. */
export type ForgeLoginOptions = {
  readonly clock: Clock;
  /** Repository Secrets. */
  readonly credentials: () => readonly RepositoryCredential[];
  /** Secrets with the label `argocd.argoproj.io/secret-type: scm-creds`: they come first. */
  readonly forges: () => readonly RepositoryCredential[];
  readonly trust: () => TrustSettings;
  /** Proxy variables. */
  readonly env?: Readonly<Record<string, string>>;
};

const limits = { maxBytes: 16 * 1024 * 1024, timeout: 20_000 };

/** How the forge of each repository is reached: with its own credential, or one that is meant for the forge. */
export function createForgeLogin(options: ForgeLoginOptions): { readonly login: ForgeLogin; stop(): Promise<void> } {
  const http = new HttpClient(options.env ?? {});
  const apps = new GitHubApps(http, options.clock);
  return {
    async login(repoURL, project) {
      const address = parseAddress(repoURL);
      if (address.transport === 'file' || address.transport === 'oci') return undefined;
      const web = webAddress(address);
      const credential =
        credentialFor(options.forges(), web, project) ??
        credentialFor(options.credentials(), address, project) ??
        credentialFor(options.credentials(), web, project);
      const trust = httpTrust(web, credential, options.trust());
      const app = credential?.githubApp === undefined ? undefined : await apps.token(credential, web, trust);
      const token = app ?? credential?.bearerToken ?? credential?.password ?? address.password;
      const username = app === undefined ? (credential?.username ?? address.user) : '';
      const api = credential?.githubApp?.enterpriseBaseUrl;
      return {
        ...placeOf(web),
        ...(username === '' ? {} : { username }),
        ...(token === '' ? {} : { token }),
        ...(api === undefined ? {} : { api }),
        async send({ method, url, headers, authorization, body }) {
          const answer = await http.send({
            method,
            url,
            headers,
            trust,
            ...limits,
            ...(authorization === undefined ? {} : { authorization }),
            ...(body === undefined ? {} : { body }),
          });
          return { status: answer.status, headers: answer.headers, text: answer.body.toString('utf8') };
        },
      };
    },
    stop: () => http.stop(),
  };
}

// Pages and API of a server that is reached over ssh are on its usual web port.
function webAddress(address: Address): Address {
  if (address.transport === 'https' || address.transport === 'http') return address;
  return { ...address, transport: 'https', port: '', user: '', url: `https://${address.host}/${address.path}` };
}

function placeOf({ transport, host, port, path }: Address): Pick<ForgeAccess, 'scheme' | 'host' | 'path'> {
  return {
    scheme: transport === 'http' ? 'http' : 'https',
    host: port === '' ? host : `${host}:${port}`,
    path: decodeURIComponent(path),
  };
}
