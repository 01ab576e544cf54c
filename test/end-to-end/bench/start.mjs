// How long the program takes to start, as a ratio to an empty Node program: medians of ten, taken in turns.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';

const rounds = 10;
const root = fileURLToPath(new URL('../../../', import.meta.url));
const packaged = `${root}dist/package/claude-routing-install.mjs`;
const single = `${root}dist/claude-routing-install.mjs`;
const folder = mkdtempSync(`${tmpdir()}/start-`);
const empty = `${folder}/empty.mjs`;
const answers = `${folder}/answers.yaml`;
writeFileSync(empty, '');
writeFileSync(answers, 'version: 1\nlocalModel: { address: 192.168.1.20 }\n');

const rows = [
  ['an empty program', [empty]],
  ['--version', [packaged, '--version']],
  ['--help', [packaged, '--help']],
  ['doctor --help', [packaged, 'doctor', '--help']],
  ['answers check FILE', [packaged, 'answers', 'check', answers]],
  ['install, until it looks at the machine', [packaged, 'install', '--only', 'nothing']],
  ['the single file: --version', [single, '--version']],
  ['the single file: --help', [single, '--help']],
].map(([name, words]) => ({ name, words, taken: [] }));

try {
  for (let round = 0; round < rounds; round += 1) for (const row of rows) row.taken.push(milliseconds(row.words));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
const [first] = rows;
console.log(
  `Node ${process.version}, ${cpus().length} cores, ${cpus()[0]?.model}, ${new Date().toISOString().slice(0, 10)}`,
);
console.log('\n| | ms | times an empty program |\n|---|---|---|');
for (const { name, taken } of rows)
  console.log(`| ${name} | ${median(taken).toFixed(0)} | ${(median(taken) / median(first.taken)).toFixed(2)} |`);

function milliseconds(words) {
  const began = process.hrtime.bigint();
  const { error } = spawnSync(process.execPath, words, { stdio: 'ignore' });
  if (error !== undefined) throw error;
  return Number(process.hrtime.bigint() - began) / 1e6;
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return (sorted[Math.ceil(middle) - 1] + sorted[Math.floor(middle)]) / 2;
}
