import { randomBytes } from 'node:crypto';
import { chownSync, mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  type LauncherModels,
  launcherEnvironment,
  outputLimit,
} from '../../../src/components/launchers/environment.ts';
import { launcherScript, launchersFor, spendingNotice } from '../../../src/components/launchers/launchers.ts';
import { limitVariables, routingVariables } from '../../../src/components/launchers/routing-variables.ts';
import { type LauncherName, launcherNames, layoutFor } from '../../../src/layout.ts';
import { answersWith } from '../../answers.ts';
import { machine, models, secrets, start, stub } from '../../render/launcher-box.ts';
import { put, run, scratchDirectory } from '../../render/scratch.ts';

describe.each(launcherNames)('%s', (name) => {
  const direct = name === 'claude-api';

  it('is clean bash and knows no key', async () => {
    const { layout, keys } = machine();
    const script = launcherScript(name, layout, models);
    expect(await run('bash', ['-n'], { input: script, env: { PATH: '/usr/bin:/bin' } })).toEqual({
      exitCode: 0,
      stdout: '',
      stderr: '',
    });
    for (const key of Object.values(keys)) expect(script).not.toContain(key);
    expect(script).not.toContain('{{');
  });

  it('hands over exactly its own environment, key and directory', async () => {
    const box = machine();
    const { env, exitCode, stderr } = await start(box, name);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    for (const [variable, value] of Object.entries(launcherEnvironment(name, box.layout, models))) {
      expect([variable, env.get(variable)]).toEqual([variable, value]);
    }
    const expected = direct
      ? { ANTHROPIC_API_KEY: box.keys.ANTHROPIC_DIRECT_KEY }
      : { ANTHROPIC_AUTH_TOKEN: box.keys.LITELLM_MASTER_KEY };
    expect(env).toEqual(new Map([...env, ...Object.entries(expected)]));
    expect(env.get('CLAUDE_CONFIG_DIR')).toBe(direct ? box.layout.apiConfigDir : box.layout.routedConfigDir);
  });

  it('gives no other key of the file away, and none in its arguments', async () => {
    const box = machine();
    const { env, args } = await start(box, name, { args: ['-p', 'x'] });
    const used = direct ? box.keys.ANTHROPIC_DIRECT_KEY : box.keys.LITELLM_MASTER_KEY;
    const values = [...env.values()];
    for (const key of Object.values(box.keys)) {
      expect(values.filter((value) => value.includes(key))).toHaveLength(key === used ? 1 : 0);
    }
    expect(args.slice(-2)).toEqual(['-p', 'x']);
  });

  it('drops whatever would lead around its route', async () => {
    const box = machine();
    const canary = randomBytes(8).toString('hex');
    const hostile = [
      ...routingVariables,
      ...limitVariables,
      ...'API_KEY AUTH_TOKEN BASE_URL CUSTOM_HEADERS UNIX_SOCKET SMALL_FAST_MODEL BETAS NEW_THING'
        .split(' ')
        .map((end) => `ANTHROPIC_${end}`),
      ...'BEDROCK VERTEX FOUNDRY MANTLE ANTHROPIC_AWS NEW_THING'.split(' ').map((end) => `CLAUDE_CODE_USE_${end}`),
    ];
    const { env, exitCode } = await start(box, name, {
      env: Object.fromEntries(hostile.map((variable) => [variable, canary])),
    });
    expect(exitCode).toBe(0);
    expect([...env].filter(([, value]) => value.includes(canary))).toEqual([]);
  });

  it('passes every argument, the input and the directory on as they are', async () => {
    const box = machine();
    const cwd = scratchDirectory('a b');
    const args = ['-p', 'two words', '', '*', 'line\nbreak', '$HOME `x` "q"', '--', '-n', '\\', 'ümläut'];
    const ran = await start(box, name, { args, cwd, input: 'piped\n' });
    expect(ran.args.slice(-args.length)).toEqual(args);
    expect(readFileSync(`${ran.out}/cwd`, 'utf8')).toBe(`${cwd}\n`);
    expect(readFileSync(`${ran.out}/stdin`, 'utf8')).toBe('piped\n');
  });

  it('ends as the client ends', async () => {
    const box = machine();
    put(box.layout.claudeBinary, '#!/bin/sh\nexit 3\n', 0o755);
    expect((await start(box, name)).exitCode).toBe(3);
  });

  const variable = direct ? 'ANTHROPIC_DIRECT_KEY' : 'LITELLM_MASTER_KEY';
  it.each([
    ['is empty', () => ''],
    ['has no key', () => '# nothing\nOTHER=x\n'],
    ['has an empty key', () => `${variable}=\n`],
    ['has an empty key in quotes', () => `${variable}=""\n`],
    ['has a blank for a key', () => `${variable}=  \n`],
    ['has the key in a comment', () => `#${variable}=abc\n`],
    ['empties the key later on', () => `${variable}=abc\n${variable}=\n`],
    ['has a command for a key', () => `${variable}=$(cat_/etc/key)\n`],
    ['has an unclosed quotation', () => `${variable}="abc\n`],
  ])('refuses with 69 when the secrets file %s', async (_, text) => {
    const box = machine();
    secrets(box.layout, text());
    const { exitCode, stderr, args, env } = await start(box, name, {
      env: { ANTHROPIC_AUTH_TOKEN: 'x', ANTHROPIC_API_KEY: 'y', LITELLM_MASTER_KEY: 'z' },
    });
    expect(exitCode).toBe(69);
    expect(stderr).toMatch(new RegExp(`^${name}: ${variable} .*\\n$`));
    expect([args, [...env]]).toEqual([[], []]);
  });

  it('refuses with 69 when there is no secrets file, or a directory in its place', async () => {
    const box = machine();
    rmSync(box.layout.secretsFile);
    expect(await start(box, name)).toMatchObject({
      exitCode: 69,
      stderr: expect.stringContaining(`no ${box.layout.secretsFile}`),
      args: [],
    });
    put(`${box.layout.secretsFile}/x`, '');
    expect(await start(box, name)).toMatchObject({ exitCode: 69, args: [] });
  });

  it('says so when there is no client, and finds one elsewhere in PATH', async () => {
    const box = machine();
    rmSync(box.layout.claudeBinary);
    const alone = await start(box, name, { env: { PATH: '/usr/bin:/bin' } });
    expect(alone).toMatchObject({
      exitCode: 69,
      stderr: `${name}: Claude Code is not installed; run: npx claude-routing-install\n`,
    });
    const other = scratchDirectory('bin');
    put(`${other}/claude`, stub, 0o755);
    expect(await start(box, name, { args: ['x'], env: { PATH: `${other}:/usr/bin:/bin` } })).toMatchObject({
      exitCode: 0,
      args: expect.arrayContaining(['x']),
    });
  });
});

describe('reading the key', () => {
  it.each([
    ['in double quotes', (key: string) => `LITELLM_MASTER_KEY="${key}"\n`],
    ['in single quotes', (key: string) => `LITELLM_MASTER_KEY='${key}'\n`],
    ['behind export', (key: string) => `  export  LITELLM_MASTER_KEY=${key}\n`],
    ['with a comment behind it', (key: string) => `LITELLM_MASTER_KEY=${key} # mine\n`],
    ['with a Windows line end', (key: string) => `A=b\r\nLITELLM_MASTER_KEY=${key}\r\n`],
    ['without a final newline', (key: string) => `A=b\nLITELLM_MASTER_KEY=${key}`],
    ['given twice, the last one', (key: string) => `LITELLM_MASTER_KEY=old\nLITELLM_MASTER_KEY=${key}\n`],
    [
      'beside names that look alike',
      (key: string) => `XLITELLM_MASTER_KEY=a\nLITELLM_MASTER_KEY=${key}\nLITELLM_MASTER_KEY_OLD=b\n`,
    ],
    [
      'beside lines that would do something if they were run',
      (key: string) => `touch "$OUT/args"; exit 5\nLITELLM_MASTER_KEY=${key}\n`,
    ],
  ])('takes it %s', async (_, text) => {
    const box = machine();
    secrets(box.layout, text(box.keys.LITELLM_MASTER_KEY));
    const { env, exitCode } = await start(box, 'claude-local');
    expect([exitCode, env.get('ANTHROPIC_AUTH_TOKEN')]).toEqual([0, box.keys.LITELLM_MASTER_KEY]);
  });

  it('takes every character that a key may have', async () => {
    const box = machine();
    const key = 'Az09._~+/=:@%-';
    secrets(box.layout, `LITELLM_MASTER_KEY=${key}\n`);
    expect((await start(box, 'claude-routed')).env.get('ANTHROPIC_AUTH_TOKEN')).toBe(key);
  });

  it('refuses for another account than the owner of the file', async () => {
    const box = machine();
    if (process.getuid?.() === 0) chownSync(box.layout.secretsFile, 65_534, 65_534);
    else {
      rmSync(box.layout.secretsFile);
      symlinkSync('/etc/passwd', box.layout.secretsFile);
    }
    const { exitCode, stderr, args } = await start(box, 'claude-routed');
    expect([exitCode, args]).toEqual([69, []]);
    expect(stderr).toContain('does not belong to');
  });
});

describe('any kind of session', () => {
  it('needs no HOME, no PATH and no writable directory', async () => {
    const box = machine();
    expect(await start(box, 'claude-routed', { args: ['-p', 'x'], cwd: '/' })).toMatchObject({
      exitCode: 0,
      args: ['-p', 'x'],
    });
  });

  it('finds its own programs whatever PATH was, and adds them once', async () => {
    const box = machine();
    const bin = box.layout.binDir;
    expect((await start(box, 'claude-routed', { env: { PATH: '/usr/bin:/bin' } })).env.get('PATH')).toBe(
      `${bin}:/usr/bin:/bin`,
    );
    expect((await start(box, 'claude-routed', { env: { PATH: `/usr/bin:/bin:${bin}` } })).env.get('PATH')).toBe(
      `/usr/bin:/bin:${bin}`,
    );
  });

  it('works in a home directory with blanks, quotes and dollar signs', async () => {
    const box = machine(scratchDirectory(`it's $HOME "x"`));
    const { exitCode, env } = await start(box, 'claude-offline', { args: ['x'] });
    expect([exitCode, env.get('CLAUDE_CONFIG_DIR')]).toEqual([0, box.layout.routedConfigDir]);
  });

  it.each([
    [{}, '127.0.0.1,localhost'],
    [{ NO_PROXY: 'intern.example' }, '127.0.0.1,localhost,intern.example'],
    [{ NO_PROXY: 'a', no_proxy: 'b' }, '127.0.0.1,localhost,b'],
    [{ NO_PROXY: 'a', no_proxy: '' }, '127.0.0.1,localhost'],
  ])('keeps the gateway from a proxy: %j', async (env, expected) => {
    const ran = await start(machine(), 'claude-routed', { env });
    expect([ran.env.get('NO_PROXY'), ran.env.get('no_proxy')]).toEqual([expected, expected]);
  });

  it('leaves the proxy to claude-api, which goes out to the internet', async () => {
    const ran = await start(machine(), 'claude-api', { env: { NO_PROXY: 'a', HTTPS_PROXY: 'http://proxy' } });
    expect([ran.env.get('NO_PROXY'), ran.env.get('HTTPS_PROXY')]).toEqual(['a', 'http://proxy']);
  });
});

describe('what each launcher declares', () => {
  const layout = layoutFor({ user: 'anna', uid: 1234, home: '/home/anna' }, 4100);
  const environment = (name: LauncherName, change: Partial<LauncherModels> = {}): Readonly<Record<string, string>> =>
    launcherEnvironment(name, layout, { ...models, ...change });

  it.each([
    ['claude-local', 'local'],
    ['claude-offline', 'local-only'],
  ] as const)('%s knows no model but %s', (name, model) => {
    const named = Object.entries(environment(name)).filter(([variable]) => /MODEL$/.test(variable));
    expect(named).toHaveLength(7);
    for (const [, value] of named) expect(value).toBe(model);
  });

  it('claude-routed has the cloud in front, the local model in the small slot, and both in the picker', () => {
    expect(environment('claude-routed')).toMatchObject({
      ANTHROPIC_BASE_URL: 'http://127.0.0.1:4100',
      ANTHROPIC_MODEL: 'claude-sonnet-4-6',
      ANTHROPIC_DEFAULT_MODEL: 'claude-sonnet-4-6',
      ANTHROPIC_DEFAULT_OPUS_MODEL: 'claude-opus-4-8',
      ANTHROPIC_DEFAULT_HAIKU_MODEL: 'local',
      ANTHROPIC_DEFAULT_HAIKU_MODEL_NAME: 'Local model',
      ANTHROPIC_DEFAULT_FABLE_MODEL_NAME: 'Sonnet, for Fable',
      ANTHROPIC_CUSTOM_MODEL_OPTION: 'local-only',
      CLAUDE_CODE_ENABLE_GATEWAY_MODEL_DISCOVERY: '1',
    });
  });

  it.each(launcherNames.filter((name) => name !== 'claude-api'))('%s has no row of /model twice', (name) => {
    const rows = Object.entries(environment(name)).filter(([variable]) => /_NAME$/.test(variable));
    expect(new Set(rows.map(([, row]) => row)).size).toBe(rows.length);
  });

  it('limits only what goes to the local model', () => {
    for (const name of ['claude-local', 'claude-offline'] as const) {
      expect(environment(name)).toMatchObject({
        CLAUDE_CODE_MAX_OUTPUT_TOKENS: '8192',
        CLAUDE_CODE_ATTRIBUTION_HEADER: '0',
      });
    }
    const routed = environment('claude-routed');
    expect(routed).not.toHaveProperty('CLAUDE_CODE_MAX_OUTPUT_TOKENS');
    expect(routed).not.toHaveProperty('CLAUDE_CODE_ATTRIBUTION_HEADER');
    expect(routed).not.toHaveProperty('CLAUDE_CODE_SUBAGENT_MODEL');
  });

  it('never combines model discovery with the variable that stops it', () => {
    for (const name of launcherNames) {
      const { CLAUDE_CODE_ENABLE_GATEWAY_MODEL_DISCOVERY: lists, CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: quiet } =
        environment(name);
      expect(lists !== undefined && quiet !== undefined).toBe(false);
    }
  });

  it('declares the loaded window, and none when it is not known', () => {
    expect(environment('claude-local', { contextWindow: 49_152 }).CLAUDE_CODE_MAX_CONTEXT_TOKENS).toBe('49152');
    expect(environment('claude-local', { contextWindow: undefined })).not.toHaveProperty(
      'CLAUDE_CODE_MAX_CONTEXT_TOKENS',
    );
    expect(environment('claude-api')).toEqual({
      CLAUDE_CODE_PROVIDER_MANAGED_BY_HOST: '1',
      CLAUDE_CODE_RESUME_HINT_COMMAND: 'claude-api',
      CLAUDE_CONFIG_DIR: '/home/anna/.claude-api',
    });
  });

  it.each([
    [undefined, 8192],
    [4096, 1024],
    [16_384, 2048],
    [32_768, 4096],
    [49_152, 6144],
    [65_536, 8192],
    [200_000, 8192],
  ])('leaves room for an answer: window %s, %s tokens', (window, tokens) => {
    expect(outputLimit(window)).toBe(tokens);
  });
});

it('makes claude-api only where there is a Claude API', () => {
  expect(launchersFor(answersWith())).toEqual(['claude-routed', 'claude-local', 'claude-offline']);
  expect(launchersFor(answersWith({ cloud: { anthropic: {} } }))).toContain('claude-api');
});

const now = new Date();
const at = (daysAgo: number): string =>
  new Date(now.getFullYear(), now.getMonth(), now.getDate() - daysAgo, 12).toISOString();
const line = (more: Record<string, unknown>, when = now.toISOString()): string =>
  `${JSON.stringify({ v: 1, at: when, cost: 0, dayCost: 4, ...more })}\n`;
const begun = `${JSON.stringify({ v: 1, at: now.toISOString(), held: 'a', most: 2 })}\n`;

/** What a launcher says on a terminal after these lines. */
async function said(text: string, tty = true): Promise<string> {
  const home = scratchDirectory(`o'neil $(touch x) & "b"`);
  const layout = layoutFor({ user: 'anna', uid: 1234, home });
  put(`${layout.requestLogDir}/2020-01.jsonl`, line({ dayPercent: 99, monthPercent: 99 }, at(4000)));
  if (text !== '') put(`${layout.requestLogDir}/${now.toISOString().slice(0, 7)}.jsonl`, text);
  put(`${home}/notice`, `set -u\n${spendingNotice('claude-routed', layout)}\n`);
  const env = { PATH: '/usr/bin:/bin' };
  if (!tty) return (await run('bash', [`${home}/notice`], { env })).stderr;
  const script = ['-qec', 'bash ./notice </dev/null', '/dev/null'];
  return (await run('script', script, { env, cwd: home })).stdout.trim().replaceAll('\r', '');
}

const words = (percent: number, period: string): string =>
  `claude-routed: ${percent} % of what the clouds may cost this ${period} is spent; see  npx claude-routing-install usage`;

it.each<[what: string, text: string, told: string]>([
  ['less', line({ dayPercent: 79, monthPercent: 10 }), ''],
  ['most of a day’s', line({ dayPercent: 80, monthPercent: 10 }), words(80, 'day')],
  ['most of a month’s, the only one', line({ dayPercent: null, monthPercent: 93 }), words(93, 'month')],
  ['more than both', line({ dayPercent: 104, monthPercent: 101 }), `${words(104, 'day')}\n${words(101, 'month')}`],
  ['what was said last', line({ dayPercent: 95, monthPercent: 1 }) + line({ dayPercent: 2, monthPercent: 1 }), ''],
  ['what was said before a cloud was asked', line({ dayPercent: 95, monthPercent: 1 }) + begun, words(95, 'day')],
  ['yesterday’s', line({ dayPercent: 95, monthPercent: 1 }, at(1)), ''],
  ['a month’s of last month', line({ dayPercent: 95, monthPercent: 95 }, at(40)), ''],
  ['nothing, for there was no ceiling', line({}), ''],
  ['nothing, for the log is older', '', ''],
  ['rubbish', '"dayPercent":99\n', ''],
])('a launch tells what is spent of a ceiling: %s', async (_, text, told) => {
  expect(await said(text)).toBe(told);
});

it('says nothing where nobody reads it', async () => {
  expect(await said(line({ dayPercent: 95, monthPercent: 10 }), false)).toBe('');
});

it.each<[where: string, marks: string]>([
  ['secret', '; in-00000001'],
  ['secret/deep/er', '; in-00000001; in-00000002'],
  ['secret-not', ''],
  ['.', ''],
  ['by-link', '; in-00000001; in-00000002'],
  [`it's "$HOME"`, '; in-00000003'],
])('a session that starts in %s tells the gateway which folders of rules it is in', async (where, marks) => {
  const home = scratchDirectory();
  for (const folder of ['secret/deep/er', 'secret-not', `it's "$HOME"`])
    mkdirSync(`${home}/${folder}`, { recursive: true });
  symlinkSync('secret/deep', `${home}/by-link`);
  symlinkSync('secret', `${home}/link`);
  const directories = [
    { path: '~/link', mark: 'in-00000001' },
    { path: `${home}/secret/deep`, mark: 'in-00000002' },
    { path: `~/it's "$HOME"`, mark: 'in-00000003' },
    { path: '~/gone', mark: 'in-00000004' },
  ];
  const box = machine(home, { ...models, directories });
  const ran = await start(box, 'claude-routed', { cwd: `${home}/${where}` });
  expect(ran.env.get('ANTHROPIC_CUSTOM_HEADERS')).toBe(`x-claude-routing: claude-routed${marks}`);
});

it.each<[where: string, starts: boolean]>([
  ['secret', false],
  ['secret/deep/er', false],
  ['by-link', false],
  ['secret-not', true],
  ['.', true],
])('what goes past the gateway does not start in %s where that is sealed', async (where, starts) => {
  const home = scratchDirectory();
  for (const folder of ['secret/deep/er', 'secret-not']) mkdirSync(`${home}/${folder}`, { recursive: true });
  symlinkSync('secret/deep', `${home}/by-link`);
  symlinkSync('secret', `${home}/link`);
  const box = machine(home, { ...models, sealed: ['~/link', '~/gone'] });
  const ran = await start(box, 'claude-api', { cwd: `${home}/${where}` });
  expect([ran.exitCode, ran.env.size > 0]).toEqual(starts ? [0, true] : [69, false]);
  if (!starts) expect(ran.stderr.trim()).toMatch(/^claude-api: \S+ is in a sealed folder, .* type: claude-local$/);
});
