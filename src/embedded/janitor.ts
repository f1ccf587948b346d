// What cleans up after an owner that was killed: a shell that waits for its standard input to close, then removes one directory.
import { Child } from './child.ts';

// It tries again for some seconds, because components that are ending may still write. A stop signal to all processes of a
// session must not end it.
const script = `trap '' HUP INT TERM
cat >/dev/null
tries=0
while rm -rf "$1" 2>/dev/null; [ -e "$1" ] && [ $tries -lt 200 ]; do tries=$((tries + 1)); sleep 0.05; done`;

/** Starts the janitor of `dir`; `release` it when the directory has been removed in good order. */
export function hireJanitor(dir: string): Child {
  const janitor = new Child('janitor', ['/bin/sh', '-c', script, 'plumbline-janitor', dir], '/dev/null', '/');
  janitor.start();
  return janitor;
}
