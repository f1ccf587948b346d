// How to reach a control plane and as whom: the parts as PEM text, and the same as a kubeconfig file.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** An endpoint with the credentials of one client; `ca`, `cert` and `key` are PEM text. */
export type Kubeconfig = {
  readonly server: string;
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
};

/** Reads one client's credentials as `kubebox pki` wrote them. */
export function readCredentials(dir: string, client: string, server: string): Kubeconfig {
  const pem = (file: string) => readFileSync(join(dir, 'pki', file), 'utf8');
  return { server, ca: pem('ca.crt'), cert: pem(`${client}.crt`), key: pem(`${client}.key`) };
}

/** The kubeconfig file: YAML that every client reads, `name` is its cluster, user and context. */
export function kubeconfigText(name: string, { server, ca, cert, key }: Kubeconfig): string {
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  return `apiVersion: v1
kind: Config
current-context: ${name}
clusters:
- name: ${name}
  cluster:
    server: ${server}
    certificate-authority-data: ${base64(ca)}
users:
- name: ${name}
  user:
    client-certificate-data: ${base64(cert)}
    client-key-data: ${base64(key)}
contexts:
- name: ${name}
  context:
    cluster: ${name}
    user: ${name}
`;
}

/** Reads back what `kubeconfigText` wrote; it is no reader of foreign files. */
export function readKubeconfig(text: string): Kubeconfig {
  const field = (name: string) => new RegExp(`${name}: (\\S+)`).exec(text)?.[1] ?? '';
  const pem = (name: string) => Buffer.from(field(name), 'base64').toString();
  return {
    server: field('server'),
    ca: pem('certificate-authority-data'),
    cert: pem('client-certificate-data'),
    key: pem('client-key-data'),
  };
}
