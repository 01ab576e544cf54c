// `npm run test:templates [-- NAME…]`. Vite, as it is under vitest: it gives `import text from './file?raw'` the file's text.
import { fileURLToPath } from 'node:url';
import { runnerImport } from 'vite';

const root = fileURLToPath(new URL('../../', import.meta.url));
const define = { PROGRAM_VERSION: JSON.stringify('0.0.0-test') };
await runnerImport(`${root}test/templates/every-template.ts`, { root, configFile: false, define });
