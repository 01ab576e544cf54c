import { describe, expect, it } from 'vitest';
import { everythingTo } from '../../../src/components/gateway/routing/profiles.ts';
import type { LauncherModels } from '../../../src/components/launchers/environment.ts';
import { clientCommands, coreTools } from '../../../src/components/launchers/launchers.ts';
import type { LauncherName } from '../../../src/layout.ts';
import { machine, models, start } from '../../render/launcher-box.ts';
import { put, scratchDirectory } from '../../render/scratch.ts';

const same = '--exclude-dynamic-system-prompt-sections';
const asks = '--permission-mode=default';
const core = `--tools=${coreTools.join(',')}`;

async function given(
  args: readonly string[],
  { name = 'claude-local', change = {} }: { name?: LauncherName; change?: Partial<LauncherModels> } = {},
): Promise<readonly string[]> {
  const ran = await start(machine(undefined, { ...models, ...change }), name, { args });
  expect([ran.exitCode, ran.stderr]).toEqual([0, '']);
  return ran.args;
}

describe('a session of the local model', () => {
  it.each([
    [],
    ['-p', 'hi'],
    ['hi there'],
    ['--', '--all-tools'],
    ['-p', '', '*', '$HOME', 'two\nlines'],
    ['--allowedTools', 'Bash(git *)', '-p', 'hi'],
  ])('is offered the core tools: %s %s %s %s', async (...args) => {
    const [first, mode, tools = '', ...rest] = await given(args);
    expect([first, mode, tools.split(',').slice(0, 6).join(), rest]).toEqual([same, asks, core, args]);
  });

  it.each([
    ['--all-tools', ''],
    ['-p hi --all-tools', '-p hi'],
    ['-p --all-tools hi -- x', '-p hi -- x'],
    ['-p hi --tools WebFetch', '-p hi --tools WebFetch'],
    ['--tools= hi', '--tools= hi'],
    ['--tools Bash --allowedTools Edit', '--tools Bash --allowedTools Edit'],
  ])('is offered what the person says: %s', async (args, passed) => {
    expect(await given(args.split(' '))).toEqual([same, asks, ...passed.split(' ').filter(Boolean)]);
  });

  it.each<[readonly string[], string]>([
    [['--allowedTools', 'WebFetch'], ',WebFetch'],
    [['--allowed-tools=WebFetch,Agent(a, b)'], ',WebFetch,Agent'],
    [['--allowedTools', 'Bash(git (a) *) Skill', 'mcp__x__*', '-p', 'hi'], ',Bash,Skill,mcp__x__*'],
    [['--allowedTools', ''], ''],
    [['-p', 'hi', '--append-system-prompt', 'WebFetch'], ''],
    [['--', '--allowedTools', 'WebFetch'], ''],
  ])('is offered what the person permits too: %j', async (args, more) => {
    expect(await given(args)).toEqual([same, asks, `${core}${more}`, ...args]);
  });

  it.each(clientCommands)('is none with the command %s, which stays in front', async (command) => {
    expect(await given([command, 'x'])).toEqual([command, 'x']);
    expect(await given(['--all-tools', command])).toEqual([command]);
  });

  it('is offered everything where that was chosen, and may still be told so', async () => {
    const change = { leanLocal: false };
    expect(await given(['-p', 'hi'], { change })).toEqual([same, asks, '-p', 'hi']);
    expect(await given(['-p', 'hi', '--all-tools'], { change })).toEqual([same, asks, '-p', 'hi']);
  });
});

describe('who is asked before something is done', () => {
  it.each([
    [['--permission-mode', 'plan']],
    [['--permission-mode=auto']],
    [['--dangerously-skip-permissions']],
    [['--settings', '{}']],
  ])('is what the person says: %j', async (args) => {
    expect(await given(args)).toEqual([same, core, ...args]);
  });

  it.each(['routed', 'project', 'local'])('is what the settings say: %s', async (where) => {
    const box = machine();
    const cwd = scratchDirectory('project');
    const files = {
      routed: box.layout.routedSettings,
      project: `${cwd}/.claude/settings.json`,
      local: `${cwd}/.claude/settings.local.json`,
    };
    put(files[where as keyof typeof files], '{ "permissions": { "defaultMode": "acceptEdits" } }');
    expect((await start(box, 'claude-local', { args: ['x'], cwd })).args).toEqual([same, core, 'x']);
    expect((await start(machine(), 'claude-local', { args: ['x'], cwd: '/' })).args).toEqual([same, asks, core, 'x']);
  });
});

describe('each launcher', () => {
  const local = everythingTo('local-only', true);
  it.each<[LauncherName, Partial<LauncherModels>, readonly string[]]>([
    ['claude-local', {}, [same, asks, core]],
    ['claude-local', { local }, [same, asks, core]],
    ['claude-offline', {}, [same, asks, core]],
    ['claude-routed', { routed: everythingTo('local', false) }, [same, asks, core]],
    ['claude-routed', { routed: local }, [same, asks, core]],
    ['claude-routed', {}, []],
    ['claude-routed', { routed: { ...models.routed, subagents: 'local' } }, []],
    ['claude-api', {}, []],
  ])('%s puts in front what its route needs: %j', async (name, change, front) => {
    expect(await given(['-p', 'hi'], { name, change })).toEqual([...front, '-p', 'hi']);
  });

  it.each(['claude-routed', 'claude-local', 'claude-offline'] as const)(
    '%s keeps the switch to itself',
    async (name) => {
      expect(await given(['-p', 'hi', '--all-tools'], { name })).not.toContain('--all-tools');
    },
  );
});
