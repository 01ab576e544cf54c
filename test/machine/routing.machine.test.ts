import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openInstalledWorld } from './installed-world.ts';
import { INSIDE } from './lab/wire.ts';
import { PROGRAM, type World } from './world.ts';

let world: World;

beforeAll(async () => {
  world = await openInstalledWorld();
  expect(await world.install('--yes --set launchers.statusLine=true')).toMatchObject({ exitCode: 0 });
});

afterEach(async () => {
  await world.lab.faults.heal();
  for (const standIn of [world.anthropic, world.lmStudio]) standIn.reset();
});

afterAll(async () => {
  await world?.close();
});

const run: World['machine']['run'] = async (...words) => await world.machine.run(...words);

/** What the two servers count themselves. */
interface Counted {
  readonly local: number;
  readonly cloud: number;
}

function counted(): Counted {
  const answered = ({ requests }: Pick<World['anthropic'], 'requests'>): number =>
    requests.filter(({ path, answer }) => path.startsWith('/v1/messages') && answer.status === 200).length;
  return { local: answered(world.lmStudio), cloud: answered(world.anthropic) };
}

/** Paths of the conversations that reached the cloud; the client reports its own events there, too. */
function askedOfCloudSince(number: number): readonly string[] {
  return world.anthropic.requests.slice(number).flatMap(({ path }) => (path.startsWith('/v1/messages') ? [path] : []));
}

interface Told {
  readonly total: { readonly failovers: number };
  readonly backends: readonly { readonly backend: string; readonly requests: number }[];
}

async function usage(): Promise<Counted & { readonly failovers: number }> {
  const { total, backends }: Told = JSON.parse(await run(`${PROGRAM} usage --json`));
  const of = (wanted: string): number => backends.find(({ backend }) => backend === wanted)?.requests ?? 0;
  return { local: of('local'), cloud: of('anthropic'), failovers: total.failovers };
}

describe('on a machine with failover allowed', () => {
  it('usage counts what the servers count, and every failover with its cause', async () => {
    const [before, servers] = [await usage(), counted()];
    for (const launcher of ['claude-local', 'claude-local', 'claude-routed', 'claude-offline']) {
      await run(`${launcher} -p 'say hi'`);
    }
    await world.lab.faults.refuse({ address: INSIDE.lmStudio });
    expect(await run("claude-local -p 'say hi'")).toContain('on the Claude API');
    await world.lab.faults.heal();
    await world.lab.faults.drop({ address: INSIDE.lmStudio });
    expect(await run("claude-local -p 'say hi'")).toContain('on the Claude API');
    await world.lab.faults.heal();
    expect(await run("claude-local -p 'say hi'")).toContain('on LM Studio');
    const [after, served] = [await usage(), counted()];
    expect(after.local - before.local).toBe(served.local - servers.local);
    expect(after.cloud - before.cloud).toBe(served.cloud - servers.cloud);
    expect(after.failovers - before.failovers).toBeGreaterThanOrEqual(2);
    const shown = await run(`${PROGRAM} usage`);
    console.log(shown);
    expect(shown).toMatch(/claude-local/);
    expect(shown).toMatch(/local could not be reached → claude-haiku-5-5, claude-local/);
  });

  it('claude-offline fails while LM Studio is away, and no cloud hears of it', async () => {
    const before = world.anthropic.requests.length;
    await world.lab.faults.refuse({ address: INSIDE.lmStudio });
    const { exitCode, stdout } = await world.machine.ssh(
      "CLAUDE_CODE_MAX_RETRIES=0 claude-offline -p 'say hi'; exit $?",
      { timeoutMs: 120_000 },
    );
    expect(exitCode, stdout).not.toBe(0);
    expect(stdout).toContain('cannot be reached');
    expect(askedOfCloudSince(before)).toEqual([]);
  });

  it('the log has no word of what was said', async () => {
    await run("claude-local -p 'the word is xylophone-4711'");
    expect(await run('grep -c xylophone ~/.local/state/claude-routing/requests/*.jsonl; true')).toBe('0');
    expect(await run('stat -c %a ~/.local/state/claude-routing/requests')).toBe('700');
  });

  it('the status line names who served the last turn of a session', async () => {
    const answer = JSON.parse(await run("claude-local -p 'say hi' --output-format json"));
    const line = await run(`echo '{"session_id":"${answer.session_id}"}' | ~/.config/claude-routing/status-line.bash`);
    expect(line).toMatch(/^local · .*qwen3\.6-35b-a3b · \d/);
  });
});

describe('another profile', () => {
  it('local-first is one run away: the conversation goes to LM Studio, and to the cloud only when that fails', async () => {
    expect(await run("claude-routed -p 'say hi'")).toContain('on the Claude API');
    const changed = await world.install('--yes --set routing.profile=local-first');
    expect(changed, changed.stdout).toMatchObject({ exitCode: 0 });
    const cloud = world.anthropic.requests.length;
    expect(await run("claude-routed -p 'say hi'")).toContain('on LM Studio');
    expect(askedOfCloudSince(cloud)).toEqual([]);
    await world.lab.faults.refuse({ address: INSIDE.lmStudio });
    expect(await run("claude-routed -p 'say hi'")).toContain('claude-haiku');
  });

  it('offline never leaves, and going back is one run as well', async () => {
    const changed = await world.install('--yes --set routing.profile=offline');
    expect(changed, changed.stdout).toMatchObject({ exitCode: 0 });
    const cloud = world.anthropic.requests.length;
    expect(await run("claude-routed -p 'say hi'")).toContain('on LM Studio');
    await world.lab.faults.refuse({ address: INSIDE.lmStudio });
    const refused = await world.machine.ssh("CLAUDE_CODE_MAX_RETRIES=0 claude-routed -p 'say hi'", {
      timeoutMs: 120_000,
    });
    expect(refused.exitCode).not.toBe(0);
    expect(askedOfCloudSince(cloud)).toEqual([]);
    await world.lab.faults.heal();
    const back = await world.install('--yes --set routing.profile=cloud-foreground');
    expect(back, back.stdout).toMatchObject({ exitCode: 0 });
    expect(await run("claude-routed -p 'say hi'")).toContain('on the Claude API');
  });
});

describe('a sealed folder', () => {
  it('stays at home by the words of its files, and is one run away, for a link to a folder as well', async () => {
    const words = 'The heron of the seventh lock counts its feathers twice before the barge arrives at noon.';
    await run(`mkdir -p ~/vault && echo '${words}' > ~/vault/notes.txt && ln -sfn ~/vault ~/sealed`);
    const changed = await world.install("--yes --set 'routing.sealed=[~/sealed]'");
    expect(changed, changed.stdout).toMatchObject({ exitCode: 0 });
    expect(await run(`claude-routed -p '${words}'`)).toContain('on LM Studio');
    expect(JSON.stringify(world.anthropic.requests)).not.toContain('seventh lock');
    expect(await run("claude-routed -p 'say hi'")).toContain('on the Claude API');
    expect(await run(`${PROGRAM} doctor --only sealed`)).not.toContain('not known by text');
  });
});
