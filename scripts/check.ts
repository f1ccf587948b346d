// `npm run check`: what a person runs while working. The same as `plumb test --quick`.
import { runTests } from './test.ts';

process.exit(await runTests(['--quick', ...process.argv.slice(2)]));
