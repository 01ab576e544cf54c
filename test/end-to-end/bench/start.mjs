// How long the program takes to start, as a ratio to an empty Node program: medians of ten, taken in turns, by the clock and by the
// processor, whose time other programs disturb less. The first question is timed as a person sees it: in a pseudo-terminal, until
// it stands on the screen; the looks at the machine come after that and do not count, so that any machine will do.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';

const rounds = 10;
const root = fileURLToPath(new URL('../../../', import.meta.url));
const packaged = `${root}dist/package/claude-routing-install.cjs`;
const single = `${root}dist/claude-routing-install.mjs`;
const folder = mkdtempSync(`${tmpdir()}/start-`);
const empty = `${folder}/empty.mjs`;
const answers = `${folder}/answers.yaml`;
writeFileSync(empty, '');
writeFileSync(answers, 'version: 1\nlocalModel: { address: 192.168.1.20 }\n');

// A home without an installation, and nothing of this environment: certificates of one's own double an empty program's time.
const environment = { PATH: '/usr/bin:/bin', LC_ALL: 'C', HOME: folder };

const rows = [
  ['an empty program', [empty]],
  ['--version', [packaged, '--version']],
  ['--help', [packaged, '--help']],
  ['doctor --help', [packaged, 'doctor', '--help']],
  ['answers check FILE', [packaged, 'answers', 'check', answers]],
  ['the single file: --version', [single, '--version']],
  ['the single file: --help', [single, '--help']],
  ['nothing: the words of the first question', [packaged], 'Where does the local model run?'],
  ['nothing: the first question can be answered', [packaged], '> Address'],
].map(([name, words, until]) => ({ name, words, until, taken: [] }));

try {
  for (let round = 0; round < rounds; round += 1)
    for (const { words, until, taken } of rows)
      taken.push(until === undefined ? ofWhole(words) : await untilSeen(words, until));
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
function ofWhole(words) {
  const timed = 'TIMEFORMAT="%R %U %S"; time "$@" >/dev/null 2>&1 </dev/null';
  const { error, stderr } = spawnSync('bash', ['-c', timed, 'bash', process.execPath, ...words], {
    encoding: 'utf8',
    env: environment,
  });
  if (error !== undefined) throw error;
  const [clock, user, system] = stderr
    .trim()
    .split(' ')
    .map((seconds) => Number(seconds) * 1000);
  return { clock, processor: user + system };
}

/** The same until a text stands on the screen; the program is killed then. Its shell says when and as which process it begins. */
async function untilSeen(words, text) {
  const line = `echo $$; exec ${[process.execPath, ...words].join(' ')}`;
  const terminal = spawn('script', ['--quiet', '--flush', '--command', line, '/dev/null'], {
    env: { ...environment, TERM: 'xterm-256color', SHELL: '/bin/sh' },
  });
  let [shown, began] = ['', 0];
  for await (const piece of terminal.stdout) {
    began ||= performance.now();
    shown += piece;
    if (shown.replace(/\x1b\[[0-9;?]*[A-Za-z]/g, '').includes(text)) break;
  }
  const clock = performance.now() - began;
  const pid = Number(shown.slice(0, shown.indexOf('\r')));
  const processor = readdirSync(`/proc/${pid}/task`)
    .map((task) => Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ')[0]))
    .reduce((sum, nanoseconds) => sum + nanoseconds / 1e6, 0);
  process.kill(pid, 'SIGKILL');
  return { clock, processor };
}

function of(row, by) {
  return median(row.taken.map((one) => one[by]));
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return (sorted[Math.ceil(middle) - 1] + sorted[Math.floor(middle)]) / 2;
}
