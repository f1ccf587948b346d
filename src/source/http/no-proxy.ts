import { BlockList, isIP } from 'node:net';

/** True when NO_PROXY (`.corp`, `corp`, `10.0.0.0/8`, `host:8080`, `*`) says that a server is reached directly. */
export function passesProxy(host: string, port: string, noProxy: string): boolean {
  const name = host.replace(/^\[|\]$/g, '').toLowerCase();
  return noProxy
    .split(',')
    .map((entry) => entry.trim().toLowerCase())
    .some((entry) => entry !== '' && matches(entry, name, port));
}

function matches(entry: string, host: string, port: string): boolean {
  if (entry === '*') return true;
  if (entry.includes('/')) return inNetwork(entry, host);
  const [name = '', onlyPort] = isIP(entry) === 6 ? [entry] : entry.split(':');
  if (onlyPort !== undefined && onlyPort !== port) return false;
  const bare = name.replace(/^\*?\./, '');
  return host === bare || host.endsWith(`.${bare}`);
}

function inNetwork(entry: string, host: string): boolean {
  const version = isIP(host);
  if (version === 0) return false;
  const [network = '', bits] = entry.split('/');
  if (isIP(network) !== version) return false;
  const family = version === 4 ? 'ipv4' : 'ipv6';
  const list = new BlockList();
  try {
    list.addSubnet(network, Number(bits), family);
  } catch {
    return false;
  }
  return list.check(host, family);
}
