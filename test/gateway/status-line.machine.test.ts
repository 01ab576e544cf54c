import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { localRoute, routedRoute } from '../../src/components/gateway/routing/profiles.ts';
import { launcherScript } from '../../src/components/launchers/launchers.ts';
import { mergeRoutedSettings } from '../../src/components/launchers/settings.ts';
import { statusLineScript } from '../../src/components/launchers/step.ts';
import { type LauncherName, type Layout, layoutFor } from '../../src/layout.ts';
import { put } from '../render/scratch.ts';
import { valueIn } from '../value-in.ts';
import { TmuxTerminal } from '../wizard/tmux-terminal.ts';
import { claudeBinary } from './litellm-program.ts';
import { localModel, type Scene, sceneAnswers, setScene } from './scene.ts';

let scene: Scene;
let home: string;
let layout: Layout;

/** A home as the installer leaves it, with the status line chosen; the gateway is the scene's. */
beforeAll(async () => {
  scene = await setScene();
  home = mkdtempSync(`${tmpdir()}/status line-`);
  layout = layoutFor({ user: 'anna', uid: 1234, home });
  put(layout.secretsFile, `LITELLM_MASTER_KEY=${scene.gateway.key}\n`, 0o600);
  mkdirSync(layout.binDir, { recursive: true });
  symlinkSync(await claudeBinary(), layout.claudeBinary);
  mkdirSync(dirname(layout.requestLogDir), { recursive: true });
  symlinkSync(scene.gateway.requestLogDir, layout.requestLogDir);
  put(layout.statusLine, statusLineScript(layout, localModel), 0o755);
  const settings = valueIn(mergeRoutedSettings(undefined, { script: layout.statusLine, wanted: true }));
  put(layout.routedSettings, settings.text, 0o600);
  const answers = sceneAnswers();
  const models = { routed: routedRoute(answers), local: localRoute(answers), contextWindow: 65_536 };
  for (const name of ['claude-local', 'claude-routed'] as const) {
    put(layout.launchers[name], launcherScript(name, layout, models), 0o755);
  }
});
afterAll(async () => {
  await scene.close();
  rmSync(home, { recursive: true, force: true, maxRetries: 5 });
});

interface Talk {
  readonly terminal: TmuxTerminal;
  readonly project: string;
  say(line: string): Promise<void>;
  /** Ends the client, which would otherwise still write into its home. */
  leave(): Promise<void>;
}

/** The real client in a terminal of its own, in a project of its own. */
async function talk(name: LauncherName, columns: number): Promise<Talk> {
  const project = mkdtempSync(`${home}/project-`);
  // What the client would ask first: whether it may work here.
  const known = { hasCompletedOnboarding: true, projects: { [project]: { hasTrustDialogAccepted: true } } };
  put(layout.routedState, JSON.stringify(known));
  const [file, words] = scene.wire.command('env', ['-C', project, layout.launchers[name]]);
  const terminal = new TmuxTerminal([file, ...words], {
    columns,
    env: { HOME: home, PATH: '/usr/sbin:/usr/bin:/bin' },
  });
  onTestFinished(() => terminal.close());
  await terminal.sees('❯');
  await pause(500);
  const say = async (line: string): Promise<void> => {
    terminal.type(line);
    // A key that comes too soon behind the text is taken for a part of it.
    await terminal.sees(line);
    await pause(200);
    terminal.press('Enter');
  };
  const leave = async (): Promise<void> => {
    await say('/exit');
    await terminal.exitCode();
  };
  return { terminal, project, say, leave };
}

type Line = Readonly<Record<string, unknown>>;

function logged(): readonly Line[] {
  const [name = ''] = readdirSync(scene.gateway.requestLogDir);
  const text = readFileSync(`${scene.gateway.requestLogDir}/${name}`, 'utf8');
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Line);
}

/** The id under which the client keeps the conversation of a project. */
function sessionOf(project: string): string | undefined {
  const folder = `${layout.routedConfigDir}/projects/${project.replaceAll(/[^A-Za-z0-9]/g, '-')}`;
  return readdirSync(folder)
    .find((name) => name.endsWith('.jsonl'))
    ?.replace('.jsonl', '');
}

describe("Claude Code's status line", () => {
  it('says who answered last, and who had to take over', async () => {
    const { terminal, project, say, leave } = await talk('claude-local', 120);
    await terminal.sees('no answer yet');
    await say('good morning');
    await terminal.sees('local · qwen3.6-35b-a3b · ');
    await scene.stopLmStudio();
    await say('and again');
    await terminal.sees('cloud · claude-haiku-4-5 · failover: local unreachable · ');
    await scene.startLmStudio();
    await say('once more');
    const session = sessionOf(project);
    const turns = (): readonly Line[] => logged().filter((line) => line.session === session && Number(line.tools) > 0);
    await expect.poll(() => turns().length, { timeout: 60_000 }).toBe(3);
    await terminal.sees('local · qwen3.6-35b-a3b · ');
    expect(turns().map(({ launcher, answered }) => [launcher, answered])).toEqual([
      ['claude-local', 'lm-studio:local'],
      ['claude-local', 'claude-api:claude-haiku-4-5'],
      ['claude-local', 'lm-studio:local'],
    ]);
    // Where the client says it: in a header and in the body.
    expect(logged().filter((line) => line.session === null)).toEqual([]);
    expect(JSON.stringify(scene.lmStudio.requests.at(-1)?.body)).toMatch(new RegExp(`session_id[^,]*${session}`));
    await leave();
  });

  it('is not misled by the title that the local model makes for a conversation with the cloud', async () => {
    const { terminal, project, say, leave } = await talk('claude-routed', 120);
    await say('good evening');
    await terminal.sees('cloud · claude-sonnet-4-6 · ');
    const own = logged().filter(({ session }) => session === sessionOf(project));
    expect(own.map(({ asked, tools }) => [asked, Number(tools) > 0])).toEqual(
      expect.arrayContaining([
        ['local', false],
        ['claude-sonnet-4-6', true],
      ]),
    );
    await leave();
  });

  it('keeps what matters in 40 columns', async () => {
    const { terminal, say, leave } = await talk('claude-local', 40);
    await scene.stopLmStudio();
    await say('hello');
    await terminal.sees('cloud · failover: local');
    await scene.startLmStudio();
    await leave();
  });
});
