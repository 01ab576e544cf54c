// What `usage` takes for a month of half a million requests, as a ratio to jq adding up three of its fields: medians of five, taken in turns.
import { spawn } from 'node:child_process';
import { createWriteStream, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';

const rounds = 5;
const sizes = [50_000, 500_000];
const packaged = fileURLToPath(new URL('../../../dist/package/claude-routing-install.cjs', import.meta.url));
const home = mkdtempSync(`${tmpdir()}/usage-`);
const log = `${home}/.local/state/claude-routing/requests`;
mkdirSync(log, { recursive: true });
const month = `${log}/${new Date().toISOString().slice(0, 7)}.jsonl`;
const sums = 'reduce inputs as $r ({}; .p += $r.promptTokens | .o += $r.outputTokens | .c += ($r.cost // 0))';
const rows = () => [
  { name: 'usage --days 31', words: [process.execPath, packaged, 'usage', '--days', '31', '--json'] },
  { name: 'jq', words: ['jq', '-n', sums, month] },
];

console.log(`Node ${process.version}, ${cpus().length} cores, ${new Date().toISOString().slice(0, 10)}`);
console.log('\n| lines | MB | | s | times jq | MB of memory |\n|---|---|---|---|---|---|');
try {
  for (const lines of sizes) await compare(lines);
} finally {
  rmSync(home, { recursive: true, force: true });
}

async function compare(lines) {
  await writeLog(lines);
  const taken = rows().map((row) => ({ ...row, seconds: [], memory: [] }));
  for (let round = 0; round < rounds; round += 1) {
    for (const row of taken) {
      const { seconds, memory } = await run(row.words);
      row.seconds.push(seconds);
      row.memory.push(memory);
    }
  }
  const jq = median(taken.at(-1).seconds);
  for (const { name, seconds, memory } of taken) {
    const figures = [median(seconds).toFixed(2), (median(seconds) / jq).toFixed(2), median(memory).toFixed(0)];
    console.log(`| ${lines} | ${(statSync(month).size / 1e6).toFixed(0)} | ${name} | ${figures.join(' | ')} |`);
  }
}

async function writeLog(lines) {
  const file = createWriteStream(month);
  const now = Date.now();
  const from = new Date(new Date().toISOString().slice(0, 7)).getTime();
  for (let index = 0; index < lines; index += 1) {
    const at = new Date(from + ((now - from) * index) / lines).toISOString();
    if (!file.write(`${JSON.stringify(request(at, index))}\n`)) await new Promise((done) => file.once('drain', done));
  }
  await new Promise((done) => file.end(done));
}

function request(at, index) {
  const local = index % 3 !== 0;
  return {
    v: 1,
    at,
    launcher: local ? 'claude-local' : 'claude-routed',
    session: '0b1c2d3e-1234-4abc-8def-0123456789ab',
    asked: local ? 'local' : 'claude-sonnet-5-5',
    answered: local ? 'lm-studio:local' : 'claude-api:claude-sonnet-5-5',
    ...(index % 50 === 0 ? { from: 'lm-studio:local', cause: 'unreachable' } : { from: null, cause: null }),
    status: 200,
    streamed: true,
    tools: 6,
    firstMs: 812,
    ms: 1903,
    promptTokens: 4711 + (index % 100),
    cachedTokens: 11,
    outputTokens: 57,
    cost: local ? 0 : 0.0123,
  };
}

/** Wall time, and the most memory that was resident, in MB of 1,000,000 bytes. */
async function run([file, ...args]) {
  const began = process.hrtime.bigint();
  const child = spawn(file, args, { stdio: 'ignore', env: { PATH: process.env.PATH, HOME: home } });
  let memory = 0;
  const look = setInterval(() => {
    memory = Math.max(memory, residentPeak(child.pid));
  }, 20);
  const code = await new Promise((done, failed) => child.once('error', failed).once('exit', done));
  clearInterval(look);
  if (code !== 0) throw new Error(`${file} ended with ${code}`);
  return { seconds: Number(process.hrtime.bigint() - began) / 1e9, memory };
}

function residentPeak(pid) {
  try {
    return (Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024) / 1e6;
  } catch {
    return 0;
  }
}

function median(values) {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}
