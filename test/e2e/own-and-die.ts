// The owner that embedded.test.ts kills: it starts a control plane, says what there is to be gone, and waits.
import { startControlPlane } from '../../src/embedded/index.ts';
import { ensureControlPlane } from '../../src/toolchain/index.ts';

const plane = await startControlPlane({ binaries: await ensureControlPlane(), name: 'orphan', nodes: 0 });
process.stdout.write(`${JSON.stringify({ dir: plane.dir, pids: plane.pids() })}\n`);
setInterval(() => undefined, 60_000);
