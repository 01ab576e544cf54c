// Runs one of the gateway's measuring programs beside the gate:  npm run bench NAME [its arguments]
// Without a name all that is promised of speed, one table after the other: an hour on quiet cores, as root.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { rawText } from '../../../raw-text.mjs';

const [name, ...rest] = process.argv.slice(2);
const root = fileURLToPath(new URL('../../../', import.meta.url));
if (name === undefined) {
  const runs = ['start', 'usage', 'gateway', 'machine'].map((each) =>
    spawnSync('npm', ['run', '--silent', `bench:${each}`], { cwd: root, stdio: 'inherit' }),
  );
  process.exit(Math.max(...runs.map(({ status }) => status ?? 1)));
}
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
