import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { answersPath, freshMachine, install, sharedMachine } from '../end-to-end/paper.ts';
import { PseudoTerminal } from '../end-to-end/pseudo-terminal.ts';
import { environmentFor, paperProgram } from '../machine/paper/installer.ts';
import type { PaperMachine } from '../machine/paper/paper-machine.ts';
import { type Grid, gridOf } from './grid.ts';
import { columns, expectPicture } from './picture.ts';

/** Nothing of a screen scrolls away. */
const rows = 100;

interface Shot {
  readonly machine: PaperMachine;
  readonly words: readonly string[];
  /** Until then it is waited; default: the end of the program. */
  readonly until?: (terminal: PseudoTerminal) => Promise<void>;
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** What the program shows in a terminal, as on a machine of its own. */
async function shoot({ machine, words, until, env }: Shot): Promise<Grid> {
  const terminal = new PseudoTerminal([process.execPath, await paperProgram(), ...words], {
    ...{ columns, rows },
    env: environmentFor(machine, { TZ: 'UTC', ...env }) as Record<string, string>,
  });
  await (until?.(terminal) ?? terminal.exitCode());
  const grid = await gridOf(asAtHome(terminal.written, machine), columns, rows);
  return grid.slice(noticeRows);
}

/** The two lines which say that it is a machine on paper. */
const noticeRows = 2;

/** The ports of a machine on paper are any that are free, and its requests ended at noon, whenever that is looked at. */
function asAtHome(written: string, { gatewayPort }: PaperMachine): string {
  return written.replaceAll(String(gatewayPort), '4000').replace(/\d\d:\d\d:\d\d (?=\S* gateway|✓)/u, '12:00:07 ');
}

async function show(name: string, title: string, shot: Shot): Promise<void> {
  expectPicture(name, title, await shoot(shot));
}

describe('the pictures of the README and the docs show what the program says', () => {
  let machine: PaperMachine;
  beforeAll(async () => {
    machine = await sharedMachine();
    expect(await install(machine)).toMatchObject({ exitCode: 0 });
    writeRequests(machine);
  });

  it('the wizard', async () => {
    await show('wizard', 'The wizard at one of its questions', {
      machine: await freshMachine(),
      words: [],
      env: { ANTHROPIC_DIRECT_KEY: undefined },
      until: async (terminal) => {
        await terminal.sees('> Address');
        terminal.type('192.168.1.20\r');
        await terminal.sees('> Model');
        terminal.type('\r');
        await terminal.sees('> Cloud');
      },
    });
  });

  it('the plan', async () => {
    const fresh = await freshMachine();
    await show('plan', 'What an installation would change', {
      machine: fresh,
      words: ['plan', '--answers', answersPath(fresh)],
    });
  });

  it('status', async () => await show('status', 'A machine, as status shows it', { machine, words: ['status'] }));

  it('usage', async () =>
    await show('usage', 'What was answered where, and what it cost', { machine, words: ['usage', '--days', '2'] }));

  it('watch', async () =>
    await show('watch', 'Requests as they finish', {
      machine,
      words: ['watch'],
      until: async (terminal) => await terminal.sees('Ctrl-C ends it.'),
    }));

  it('doctor', async () => {
    chmodSync(machine.onDisk(machine.layout.secretsFile), 0o644);
    await show('doctor', 'A finding of doctor', { machine, words: ['doctor'] });
    chmodSync(machine.onDisk(machine.layout.secretsFile), 0o600);
  });
});

/** A morning of requests, the last ones just now. */
function writeRequests({ layout, onDisk }: PaperMachine): void {
  const noon = new Date();
  noon.setUTCHours(12, 0, 0, 0);
  const lines = Array.from({ length: 14 }, (_, index) => {
    const cloud = index % 4 === 3;
    const failover = index === 9;
    return {
      ...{
        v: 1,
        at: new Date(noon.getTime() - (13 - index) * 47_000),
        launcher: cloud ? 'claude-routed' : 'claude-local',
      },
      ...{ session: 'a', asked: cloud ? 'claude-sonnet-5-5' : 'local', status: 200, streamed: true, tools: 6 },
      answered: cloud ? 'claude-api:claude-sonnet-5-5' : failover ? 'claude-api:claude-haiku-5-5' : 'lm-studio:local',
      ...{ from: failover ? 'lm-studio:local' : null, cause: failover ? 'unreachable' : null },
      ...{
        firstMs: 800,
        ms: 1900 + 240 * index,
        promptTokens: 4900 + 800 * index,
        cachedTokens: index === 0 ? 0 : 4800,
      },
      ...{ outputTokens: 57 + 11 * index, cost: cloud ? 0.0123 : failover ? 0.0021 : 0 },
    };
  });
  const directory = onDisk(layout.requestLogDir);
  mkdirSync(directory, { recursive: true });
  const name = `${noon.toISOString().slice(0, 7)}.jsonl`;
  writeFileSync(`${directory}/${name}`, `${lines.map((line) => JSON.stringify(line)).join('\n')}\n`);
}
