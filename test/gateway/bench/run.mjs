// Runs one of the measuring programs beside the gate:  npm run bench NAME [its arguments]
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { rawText } from '../../../raw-text.mjs';

const [name, ...rest] = process.argv.slice(2);
const root = fileURLToPath(new URL('../../../', import.meta.url));
const outfile = `${root}node_modules/.cache/bench/${name}.mjs`;
await build({
  absWorkingDir: root,
  entryPoints: [`test/gateway/bench/${name}.ts`],
  outfile,
  bundle: true,
  packages: 'external',
  platform: 'node',
  format: 'esm',
  target: 'node20.19',
  logLevel: 'warning',
  define: { PROGRAM_VERSION: JSON.stringify('0.0.0-bench') },
  plugins: [rawText],
});
process.exit(spawnSync(process.execPath, [outfile, ...rest], { stdio: 'inherit' }).status ?? 1);
