import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const tool = 'openssl';

/** False where the tool that makes certificates is missing. */
export const canMakeCertificates = spawnSync(tool, ['version']).status === 0;

export type Certificate = { readonly key: string; readonly cert: string };

/** An authority of the test's own, and what it signs; made with openssl. */
export function makeAuthority(dir: string): { readonly ca: string; sign(name: string): Certificate } {
  const file = (name: string) => join(dir, name);
  const openssl = (...args: readonly string[]) => execFileSync(tool, args, { stdio: 'pipe' });
  const ec = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  openssl(
    'req',
    '-x509',
    ...ec,
    '-keyout',
    file('ca.key'),
    '-out',
    file('ca.crt'),
    '-days',
    '2',
    '-subj',
    '/CN=test authority',
  );
  return {
    ca: readFileSync(file('ca.crt'), 'utf8'),
    sign(name) {
      const [key, request, cert, extra] = ['key', 'csr', 'crt', 'ext'].map((end) => file(`${name}.${end}`)) as [
        string,
        string,
        string,
        string,
      ];
      openssl('req', ...ec, '-keyout', key, '-out', request, '-subj', `/CN=${name}`);
      writeFileSync(extra, 'subjectAltName=DNS:localhost,IP:127.0.0.1\n');
      const from = ['-CA', file('ca.crt'), '-CAkey', file('ca.key'), '-CAcreateserial'];
      openssl('x509', '-req', '-in', request, ...from, '-out', cert, '-days', '2', '-extfile', extra);
      return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
    },
  };
}
