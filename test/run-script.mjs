// `node test/run-script.mjs FILE [WORDS…]` runs a script of the tests. By Vite, as under vitest: it gives
// `import text from './file?raw'` the file's text, which plain Node does not.
import { fileURLToPath } from 'node:url';
import { runnerImport } from 'vite';
import { folderTexts } from '../raw-text.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const [, , file] = process.argv;
process.argv.splice(1, 1);
const define = { PROGRAM_VERSION: JSON.stringify('0.0.0-test') };
await runnerImport(`${root}${file}`, { root, configFile: false, define, plugins: [folderTexts] });
