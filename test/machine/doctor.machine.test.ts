import { afterAll, beforeAll, describe, expect, it, onTestFailed } from 'vitest';
import { type Row, rows } from './doctor-rows.ts';
import { rowsOfThisRun } from './extent.ts';
import { openInstalledWorld } from './installed-world.ts';
import { PROGRAM, type World } from './world.ts';

let world: World;

beforeAll(async () => {
  world = await openInstalledWorld();
  await run('umask 077; echo sk-ant-api03-new > ~/new.key');
});

const table: string[] = [];

afterAll(async () => {
  console.log(['row | found as | fixed by | looked, fixed, looked again (s)', ...table].join('\n'));
  await world?.close();
});

/** Runs a command in the machine that has to succeed; `root:` in front lets root run it. */
async function run(command: string): Promise<string> {
  const [, asRoot, words = command] = /^(root: )?([\s\S]*)$/.exec(command) ?? [];
  return await world.machine.run(words, asRoot === undefined ? {} : { user: 'root' });
}

interface Told {
  readonly check: string;
  readonly severity: string;
  readonly cause: string;
  readonly evidence: readonly unknown[];
  readonly fix: string;
  readonly fixable: boolean;
}

interface Examined {
  readonly exitCode: number;
  readonly ms: number;
  readonly diagnoses: readonly Told[];
}

/** A look as programs see it. */
async function look(words = '', shell = ''): Promise<Examined> {
  const started = Date.now();
  const { exitCode, stdout, stderr } = await world.machine.ssh(`${shell} ${PROGRAM} doctor --json ${words}`, {
    timeoutMs: 120_000,
  });
  const line = stdout.trim().split('\n').at(-1) ?? '';
  expect(line, `${stdout}\n${stderr}`).toMatch(/"type":"examined"/);
  const { diagnoses } = JSON.parse(line) as { readonly diagnoses: readonly Told[] };
  return { exitCode, ms: Date.now() - started, diagnoses };
}

async function happen(what: Row['plant']): Promise<void> {
  if (typeof what === 'string') await run(what);
  else await what?.(world);
}

/** Does what the diagnosis says; gives back what has to stand before the next look, in the same shell. */
async function remedy(row: Row, fix: string): Promise<string> {
  if (row.remedy === undefined) {
    expect(fix).toContain(`doctor --fix --only ${row.finds}`);
    const fixed = await world.machine.ssh(
      `${row.shell ?? ''} ${PROGRAM} doctor --fix --yes --only ${row.finds} ${row.words ?? ''}`,
      { timeoutMs: 300_000 },
    );
    expect(fixed, fixed.stdout).toMatchObject({ exitCode: 0 });
    return '';
  }
  if ('byHand' in row.remedy) {
    await happen(row.remedy.byHand);
    return '';
  }
  const typed = row.remedy.typed.exec(fix)?.[0].replace(/^claude-routing-install/, PROGRAM);
  expect(typed, fix).toBeDefined();
  if (row.shell !== undefined && !/^mv /.test(typed ?? '')) return `${typed};`;
  await run(`${row.remedy.asRoot === true ? 'root: ' : ''}${typed}${row.remedy.with ?? ''}`);
  return '';
}

describe('an installed machine', () => {
  it('is healthy', async () => {
    const { exitCode, diagnoses, ms } = await look();
    expect(diagnoses).toEqual([]);
    expect(exitCode).toBe(0);
    table.push(`(healthy) | | | ${(ms / 1000).toFixed(1)}`);
  });
});

describe('a shell in which mise puts its own Node in front', () => {
  it('is healthy, too: that Node is told what this machine trusts', async () => {
    const node = '~/.local/share/mise/installs/node/22/bin/node';
    const { exitCode, stdout } = await world.machine.ssh(`${node} ${PROGRAM} doctor --only cloud-key,clock`);
    expect(stdout).toMatch(/Healthy: 2 things/);
    expect(exitCode).toBe(0);
  });
});

/** Every look has its first row in the gate. */
const tried = rowsOfThisRun(rows, (row) => rows.find(({ finds }) => finds === row.finds) !== row);

describe('each thing that goes wrong is found, fixed as it says, and gone', () => {
  it.each(tried.map((row) => [row.name, row] as const))('%s', async (_name, row) => {
    // A row that fails leaves the machine to the next ones as it found it, where that takes no diagnosis.
    onTestFailed(() => (row.remedy !== undefined && 'byHand' in row.remedy ? happen(row.remedy.byHand) : undefined));
    await happen(row.plant);
    const found = await look(row.words, row.shell);
    const told = found.diagnoses.filter(({ check }) => check === row.finds);
    expect(JSON.stringify(told.map(({ cause, evidence }) => ({ evidence, cause }))), JSON.stringify(found)).toMatch(
      row.seen,
    );
    const started = Date.now();
    const before = await remedy(row, told[0]?.fix ?? '');
    const fixed = Date.now() - started;
    const again = await look(row.words ?? `--only ${row.finds}`, `${row.shell ?? ''} ${before}`);
    expect(again.diagnoses).toEqual([]);
    await happen(row.after);
    const others = [...new Set(found.diagnoses.map(({ check }) => check))].filter((id) => id !== row.finds);
    const times = [found.ms, fixed, again.ms].map((ms) => (ms / 1000).toFixed(1)).join(', ');
    const by = row.remedy === undefined ? '--fix' : 'byHand' in row.remedy ? 'by hand' : 'as it says';
    table.push(
      `${row.name} | ${row.finds}${others.length === 0 ? '' : ` (+ ${others.join(', ')})`} | ${by} | ${times}`,
    );
  });
});

describe('a shell that root opened in its own folder, as su and sudo -u do', () => {
  it('is told, and leads no check astray', async () => {
    const without = 'env -u XDG_RUNTIME_DIR -u DBUS_SESSION_BUS_ADDRESS';
    const { stdout, stderr } = await world.machine.onHost(
      `cd /root && runuser -u claude -- ${without} /home/claude/${PROGRAM} doctor`,
    );
    expect(`${stdout}${stderr}`.replace(/\s+/g, ' ')).toContain('current directory may not be used by this account');
    expect(stdout).toMatch(/Healthy/);
  });
});

describe('root, where nothing is installed', () => {
  it('has the machine looked at, and learns of its short PATH', async () => {
    const short = 'export PATH=/usr/local/bin:/usr/bin:/bin;';
    const asked = await world.machine.ssh(`${short} /home/claude/${PROGRAM} doctor`, { user: 'root' });
    expect(asked.stdout).toMatch(/command not found: adduser/);
    const fix = /export PATH=\S+/.exec(asked.stdout)?.[0];
    const again = await world.machine.ssh(`${short} ${fix}; /home/claude/${PROGRAM} doctor`, { user: 'root' });
    expect(again.stdout).toMatch(/Healthy/);
    expect(again.exitCode).toBe(0);
  });
});

describe('at the end', () => {
  it('the machine is healthy, as if nothing had happened', async () => {
    expect((await look()).diagnoses).toEqual([]);
  });
});
