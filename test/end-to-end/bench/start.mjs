// How long the program takes to start, as a ratio to an empty Node program: medians of ten, taken in turns, by the clock and by the
// processor, whose time other programs disturb less.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
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
  ['install, its first look at the machine', [packaged, 'install']],
  ['the single file: --version', [single, '--version']],
  ['the single file: --help', [single, '--help']],
].map(([name, words]) => ({ name, words, taken: [] }));

try {
  for (let round = 0; round < rounds; round += 1) for (const row of rows) row.taken.push(taken(row.words));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
const [first] = rows;
console.log(
  `Node ${process.version}, ${cpus().length} cores (${loadavg()[0].toFixed(1)} of them busy), ${cpus()[0]?.model}, ${new Date().toISOString().slice(0, 10)}`,
);
console.log('\n| | ms | times an empty program | processor, ms | times an empty program |\n|---|---|---|---|---|');
for (const row of rows) {
  const columns = ['clock', 'processor'].flatMap((by) => [
    of(row, by).toFixed(0),
    (of(row, by) / of(first, by)).toFixed(2),
  ]);
  console.log(`| ${[row.name, ...columns].join(' | ')} |`);
}

/** What a run took, in milliseconds. */
function taken(words) {
  const timed = 'TIMEFORMAT="%R %U %S"; time "$@" >/dev/null 2>&1 </dev/null';
  const { error, stderr } = spawnSync('bash', ['-c', timed, 'bash', process.execPath, ...words], {
    encoding: 'utf8',
    // A home without an installation.
    env: { ...process.env, LC_ALL: 'C', HOME: folder },
  });
  if (error !== undefined) throw error;
  const [clock, user, system] = stderr
    .trim()
    .split(' ')
    .map((seconds) => Number(seconds) * 1000);
  return { clock, processor: user + system };
}

function of(row, by) {
  return median(row.taken.map((one) => one[by]));
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return (sorted[Math.ceil(middle) - 1] + sorted[Math.floor(middle)]) / 2;
}
