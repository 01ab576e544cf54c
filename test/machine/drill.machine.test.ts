import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { shellWord } from '../../src/shell/word.ts';
import { gridOf, textOf } from '../pictures/grid.ts';
import { columns, expectPicture } from '../pictures/picture.ts';
import { besideTheGate } from './extent.ts';
import { openInstalledWorld } from './installed-world.ts';
import { until } from './lab/command.ts';
import { INSIDE } from './lab/wire.ts';
import { gatewayAnswers, PROGRAM, type World } from './world.ts';

let world: World;

beforeAll(async () => {
  world = await openInstalledWorld();
});

afterAll(async () => {
  await world?.close();
});

/** What a drill leaves nothing of. */
const LEFT_OVERS =
  'docker ps -aq --filter name=litellm-drill; docker network ls -q --filter name=litellm-drill; ls -d ~/.local/state/claude-routing/drill 2>/dev/null; true';

afterEach(async () => {
  expect(await run(LEFT_OVERS)).toBe('');
  await world.lab.faults.heal();
  for (const standIn of [world.anthropic, world.lmStudio]) standIn.reset();
});

const run: World['machine']['run'] = async (...words) => await world.machine.run(...words);

/** Nothing of a drill scrolls away. */
const rows = 120;

/** The program in a terminal of the machine. */
function onTerminal(words: string): string {
  const line = `stty cols ${columns} rows ${rows}; TERM=xterm-256color exec ${PROGRAM} ${words}`;
  return `script -qec ${shellWord(line)} /dev/null`;
}

async function throwAwayIsUp(): Promise<void> {
  const isUp = async () => (await run('docker ps -q --filter name=litellm-drill')) !== '';
  await until('the throw-away gateway', isUp, 120_000, 300);
}

interface Entry {
  readonly type: string;
  readonly case?: string;
  readonly part?: string;
  readonly outcome?: string;
  readonly problem?: string;
  readonly fix?: string;
  readonly modelId?: string | null;
  readonly cost?: number | null;
  readonly holds?: boolean;
}

interface Drilled {
  readonly exitCode: number;
  readonly broken: readonly Entry[];
  readonly verdict: Entry | undefined;
  readonly entries: readonly Entry[];
}

/** A drill as programs see it. */
async function drilled(): Promise<Drilled> {
  const { exitCode, stdout } = await world.install('drill --yes --json', { timeoutMs: 300_000 });
  const entries = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Entry);
  const broken = entries.filter(({ outcome }) => outcome === 'broken');
  console.log(`exit ${exitCode}: ${broken.map((one) => `${one.case}: ${one.problem} → ${one.fix}`).join('\n  ')}`);
  return { exitCode, broken, verdict: entries.at(-1), entries };
}

const names = (entries: readonly Entry[]) => entries.map((entry) => entry.case);
const answers = () =>
  world.anthropic.requests.filter(({ path, answer }) => path.startsWith('/v1/messages') && answer.status === 200);

describe('a healthy machine', () => {
  it('keeps every promise, told in lines that fit the screen', async () => {
    const { exitCode, stdout } = await world.machine.ssh(onTerminal('drill --yes'), { timeoutMs: 300_000 });
    const grid = await gridOf(stdout, columns, rows);
    const text = textOf(grid);
    console.log(text);
    expect(exitCode, text).toBe(0);
    expect(text).toMatch(/✓ server stopped +claude-api:\S+, \+\d+ ms of 500 ms/);
    expect(text).toMatch(/All \d+ promises hold/);
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(78);
    // PICTURES=write draws it anew.
    expectPicture('drill', 'Every promise of a machine, tried', grid);
  });

  // Those of the throw-away gateway, too: what they cost counts for a ceiling, and `usage` keeps them apart by the mark.
  it('leaves its requests in the request log with its mark', async () => {
    const log = await run('cat ~/.local/state/claude-routing/requests/*.jsonl');
    const launchers = log.split('\n').map((line) => (JSON.parse(line) as { launcher: string | null }).launcher);
    expect(launchers.filter((launcher) => launcher === 'drill').length).toBeGreaterThanOrEqual(25);
  });

  it('takes everything away again when it is interrupted', async () => {
    const drilling = world.install('drill --yes', { timeoutMs: 300_000 });
    await throwAwayIsUp();
    await run('kill -INT $(cut -d" " -f1 ~/.local/state/claude-routing/lock)');
    expect(await drilling).toMatchObject({ exitCode: 130 });
  });

  it('takes away what a killed drill left behind, and says as JSON what it found and what that cost; the clouds were asked that often', async () => {
    const drilling = world.install('drill --yes', { timeoutMs: 300_000 });
    await throwAwayIsUp();
    await run('kill -KILL $(cut -d" " -f1 ~/.local/state/claude-routing/lock)');
    await drilling;
    expect(await run(LEFT_OVERS)).not.toBe('');
    world.anthropic.reset();
    const { exitCode, entries, verdict } = await drilled();
    expect({ exitCode, verdict }).toMatchObject({ exitCode: 0, verdict: { type: 'verdict', holds: true } });
    const paid = entries.filter(({ modelId }) => modelId?.startsWith('claude-api:'));
    expect(paid.length).toBeLessThanOrEqual(12);
    expect(answers()).toHaveLength(paid.length);
    expect(paid.every(({ cost }) => typeof cost === 'number' && cost > 0)).toBe(true);
  });
});

describe('a broken machine', () => {
  it('LM Studio is off', async () => {
    await world.lab.faults.refuse({ address: INSIDE.lmStudio });
    const { exitCode, broken } = await drilled();
    expect(exitCode).toBe(1);
    const contents = ['local-images', 'local-longResult', 'local-hardSchema', 'local-serverTools'];
    expect(names(broken)).toEqual(['local-whole', ...contents]);
    expect(broken[0]?.problem).toMatch(/instead of local.*10\.77\.0\.20/);
  });

  it('the gateway’s container is stopped', async () => {
    await run('docker stop litellm');
    const { exitCode, broken } = await drilled();
    expect(exitCode).toBe(1);
    expect(names(broken)).toEqual(['gateway']);
    expect(broken[0]).toMatchObject({
      problem: expect.stringMatching(/No gateway runs/),
      fix: expect.stringMatching(/docker start litellm/),
    });
    await run('docker start litellm');
    await gatewayAnswers(world);
  });

  // What an edited configuration or hook breaks is in drill-gateway.machine.test.ts.
  it('the hook was emptied, which the running gateway does not know yet', async () => {
    await run('cp -a ~/litellm ~/litellm.kept && : > ~/litellm/local_compat.py');
    const { exitCode, broken } = await drilled();
    await run('cp -a ~/litellm.kept/. ~/litellm/ && rm -r ~/litellm.kept');
    expect(exitCode).toBe(1);
    expect(names(broken)).toEqual(['throw-away']);
    expect(broken[0]?.problem).toMatch(/does not start.*has no attribute 'proxy_handler_instance'/);
  });
});

// The same on LiteLLM alone is in the gate by drill-gateway.machine.test.ts.
besideTheGate(
  'a machine with several servers and a box that sleeps keeps every promise in its containers, and a drill wakes nobody',
  async () => {
    await world.lab.listen('lmStudio', 1235, world.lmStudio.handle);
    const servers = `--set 'localModel.moreAddresses=[${INSIDE.lmStudio}:1235]' --set localModel.wake.mac=02:00:00:00:00:99`;
    const sets = `${servers} --set failover.afterWaiting=60`;
    expect(await world.install(`--yes ${sets}`)).toMatchObject({ exitCode: 0 });
    const { exitCode, entries } = await drilled();
    const held = names(entries.filter(({ outcome }) => outcome === 'held'));
    for (const id of ['one-not-ready', 'one-stopped', 'asleep', 'never-wakes', 'long-wait', 'long-wait-strict'])
      expect(held).toContain(id);
    expect(exitCode).toBe(0);
    expect(await run('ls ~/.local/state/claude-routing/requests')).not.toMatch(/^wake$/m);
  },
);
