import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { sentinelScript } from '../../../src/components/sentinel/step.ts';
import { type LauncherName, type Layout, layoutFor } from '../../../src/layout.ts';
import { partsOf, wordOf } from '../../../src/status/verification.ts';
import { answersWith } from '../../answers.ts';
import { machine, models, start } from '../../render/launcher-box.ts';
import { put, type Ran, run, scratchDirectory } from '../../render/scratch.ts';

const open: Server[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map(async (server) => await new Promise((resolve) => server.close(resolve))));
});

async function listen(handler: RequestListener, at?: string): Promise<number> {
  const server = createServer(handler);
  open.push(server);
  await new Promise<void>((resolve) => server.listen(at ?? { port: 0, host: '127.0.0.1' }, resolve));
  return at === undefined ? (server.address() as AddressInfo).port : 0;
}

/** What a launcher prints: an answer, or the client's words about an error. */
const answers = `printf '%s\\n' '{"type":"result","is_error":false,"result":"yes"}'`;
const fails = (words: string): string =>
  `printf '%s\\n' '{"type":"result","is_error":true,"result":"${words}"}'; exit 1`;

interface Box {
  readonly layout: Layout;
  readonly installed: string;
  /** Starts the sentinel; returns which launchers it started. */
  watch(): Promise<Ran & { readonly tried: readonly string[] }>;
  state(): string | undefined;
  /** Makes a launcher say something else. */
  launcher(name: 'claude-routed' | 'claude-offline', script: string): void;
}

interface BoxOptions {
  readonly status?: string;
  readonly ready?: boolean;
  readonly serverOn?: boolean;
  readonly cloud?: boolean;
  readonly answered?: { readonly answer?: number };
}

const image = `sha256:${'ab'.repeat(32)}`;

/** A home with launchers that say what they are told to, an engine's socket, a gateway and a model server. */
async function box({
  status = 'running',
  ready = true,
  serverOn = true,
  cloud = true,
  answered,
}: BoxOptions = {}): Promise<Box> {
  const home = scratchDirectory();
  const runtimeDir = scratchDirectory('run');
  const layout = {
    ...layoutFor({ user: 'anna', uid: 1234, home }),
    runtimeDir,
    dockerSocket: `${runtimeDir}/docker.sock`,
  };
  const inspection = JSON.stringify({ State: { Status: status }, Image: image, Config: { Image: 'litellm:v1' } });
  await listen((request, response) => {
    response.end(request.url === '/containers/litellm/json' ? inspection : '{}');
  }, layout.dockerSocket);
  const gateway = await listen((_, response) => void response.writeHead(ready ? 200 : 503).end());
  const local = await listen((_, response) => void response.end('{}'));
  const wanted = answersWith({
    localModel: { address: `http://127.0.0.1:${serverOn ? local : 9}`, model: 'qwen' },
    cloud: cloud ? { anthropic: { models: { sonnet: 'claude-sonnet-5-5' } } } : {},
    launchers: { sentinel: true },
  });
  put(layout.gatewayConfig, 'model_list: []\n', 0o600);
  put(`${home}/.local/share/claude/versions/2.1.330`, '#!/bin/sh\nexit 1\n', 0o755);
  put(`${layout.binDir}/.keep`, '');
  symlinkSync(`${home}/.local/share/claude/versions/2.1.330`, layout.claudeBinary);
  put(`${layout.stateDir}/.keep`, '');
  const launcher = (name: 'claude-routed' | 'claude-offline', script: string): void =>
    put(layout.launchers[name], `#!/bin/bash\necho ${name} >>"${home}/tried"\n${script}\n`, 0o755);
  launcher('claude-routed', answers);
  launcher('claude-offline', answers);
  const patience = { ready: 2, answer: answered?.answer ?? 10 };
  const script = sentinelScript(wanted, { ...layout, gatewayUrl: `http://127.0.0.1:${gateway}` }, patience);
  put(layout.sentinelScript, script, 0o755);
  const config = createHash('sha256').update('model_list: []\n').digest('hex');
  return {
    layout,
    launcher,
    installed: wordOf({ claude: '2.1.330', image, config }),
    state: () => (existsSync(layout.sentinelState) ? readFileSync(layout.sentinelState, 'utf8') : undefined),
    watch: async () => {
      rmSync(`${home}/tried`, { force: true });
      const ran = await run(layout.sentinelScript, [], { env: { PATH: '/usr/bin:/bin', HOME: home } });
      const tried = existsSync(`${home}/tried`) ? readFileSync(`${home}/tried`, 'utf8').trim().split('\n') : [];
      return { ...ran, tried };
    },
  };
}

const both = ['claude-routed', 'claude-offline'];

describe('the sentinel', () => {
  it('tries both routes once, keeps it in a line, and then has nothing to do', async () => {
    const { watch, state, installed } = await box();
    expect(await watch()).toMatchObject({ exitCode: 0, stderr: '', tried: both });
    expect(state()).toMatch(new RegExp(`^ok \\d{4}-\\d\\d-\\d\\dT[\\d:]+Z ${installed} \\n$`));
    expect(await watch()).toMatchObject({ exitCode: 0, stdout: '', stderr: '', tried: [] });
  });

  it('has nothing to do for what a run of the program has proven, and takes an older failure back', async () => {
    const { watch, state, installed, layout } = await box();
    put(layout.proofStamp, `0123456789abcdef 2026-11-26T10:00:00.000Z ${installed}\n`, 0o600);
    put(layout.sentinelState, 'failed 2026-11-25T10:00:00Z 2.1.275:x:y something\n', 0o600);
    expect(await watch()).toMatchObject({ exitCode: 0, stdout: '', stderr: '', tried: [] });
    expect(state()).toBeUndefined();
  });

  it.each([
    ['a stamp of the first release', '0123456789abcdef 2026-11-26T10:00:00.000Z\n'],
    ['a stamp for another client', '0123456789abcdef 2026-11-26T10:00:00.000Z 2.1.329:abababababab:1234\n'],
  ])('tries after %s', async (_, stamp) => {
    const { watch, layout } = await box();
    put(layout.proofStamp, stamp, 0o600);
    expect((await watch()).tried).toEqual(both);
  });

  it.each<[options: BoxOptions, routed: string, offline: string, result: string, reason: RegExp]>([
    [
      {},
      answers,
      fails('API Error: 400 tools.0: unknown type'),
      'failed',
      /claude-offline does not answer: API Error: 400 tools/,
    ],
    [{}, fails('API Error: 400 bad'), answers, 'failed', /^claude-routed does not answer: API Error: 400 bad$/],
    [
      {},
      fails('API Error: 529 overloaded_error'),
      answers,
      'untried',
      /^claude-routed does not .*; claude-offline answers$/,
    ],
    [{}, fails('Your credit balance is too low'), answers, 'untried', /credit balance/],
    [{}, answers, fails('API Error: 400 No models loaded'), 'untried', /No models loaded/],
    [{}, answers, 'echo what is this; exit 3', 'failed', /claude-offline does not answer: what is this/],
    [
      { serverOn: false },
      answers,
      answers,
      'untried',
      /^claude-routed answers; the local model server does not answer$/,
    ],
    [{ answered: { answer: 1 } }, answers, 'sleep 5', 'untried', /claude-offline got no answer in time/],
    [{ ready: false }, answers, answers, 'failed', /^the gateway does not become ready$/],
    [{ ready: false, status: 'exited' }, answers, answers, 'untried', /^the gateway's container is exited$/],
  ])('%#: %j, claude-routed %s, claude-offline %s: %s', async (options, routed, offline, result, reason) => {
    const { watch, state, launcher, installed } = await box(options);
    launcher('claude-routed', routed);
    launcher('claude-offline', offline);
    expect(await watch()).toMatchObject({ exitCode: 0, stderr: '' });
    const [found, , word, ...words] = state()?.trim().split(' ') ?? [];
    expect([found, word]).toEqual([result, installed]);
    expect(words.join(' ')).toMatch(reason);
  });

  it('asks the cloud once for an update, however long the local model is off', async () => {
    const { watch, launcher } = await box({ serverOn: false });
    expect((await watch()).tried).toEqual(['claude-routed']);
    launcher('claude-routed', fails('asked twice'));
    expect(await watch()).toMatchObject({ tried: [], stdout: expect.stringMatching(/untried/) });
  });

  it('tries the local route alone where no cloud is in front', async () => {
    const { watch, state } = await box({ cloud: false });
    expect((await watch()).tried).toEqual(['claude-offline']);
    expect(state()).toMatch(/^ok /);
  });

  it('keeps away while a run of the program holds the lock, and not longer', async () => {
    const { watch, layout } = await box();
    put(layout.lockFile, `${process.pid} 123\n`, 0o600);
    expect((await watch()).tried).toEqual([]);
    put(layout.lockFile, '999999999 123\n', 0o600);
    expect((await watch()).tried).toEqual(both);
  });

  it('says nothing where there is no engine to ask', async () => {
    const { watch, state, layout } = await box();
    rmSync(layout.dockerSocket);
    expect(await watch()).toMatchObject({ exitCode: 0, stdout: '', stderr: '', tried: [] });
    expect(state()).toBeUndefined();
  });

  it('keeps its line for the account alone, in one line, and without what could be a key', async () => {
    const { watch, state, launcher } = await box();
    launcher(
      'claude-offline',
      fails(`API Error: 400 key sk-ant-api03-${'x'.repeat(40)} or ${'0a'.repeat(20)}\\\\n more`),
    );
    const { stdout } = await watch();
    for (const text of [stdout, state() ?? '']) {
      expect(text.trimEnd().split('\n')).toHaveLength(1);
      expect(text).not.toMatch(/sk-ant|0a0a/);
      expect(text).toContain('key **** or ****');
    }
  });
});

describe('a launcher', () => {
  const failed = 'failed 2026-11-26T10:00:00Z 2.1.275:abababababab:123456789abc claude-offline does not answer\n';
  const line = (name: string): string =>
    `${name}: a proof failed since the last update; the cause:  npx claude-routing-install doctor`;

  async function started(
    name: LauncherName,
    found: string | undefined,
    options: { notice?: boolean; tty?: boolean } = {},
  ) {
    const made = machine(undefined, { ...models, sentinel: options.notice ?? true });
    if (found !== undefined) put(made.layout.sentinelState, found, 0o600);
    if (options.tty === false) return (await start(made, name)).stderr;
    const out = scratchDirectory('out');
    const env = { PATH: '/usr/bin:/bin', OUT: out, TERM: 'xterm' };
    const { exitCode, stdout } = await run(
      'script',
      ['-qec', `${made.layout.launchers[name]} </dev/null`, '/dev/null'],
      { env },
    );
    expect([exitCode, existsSync(`${out}/args`)]).toEqual([0, true]);
    return stdout.trim().replaceAll('\r', '');
  }

  it.each(['claude-routed', 'claude-local', 'claude-offline'] as const)(
    '%s tells of a failed proof in one line, and starts',
    async (name) => {
      expect(await started(name, failed)).toBe(line(name));
    },
  );

  it.each<[why: string, name: LauncherName, found: string | undefined, options?: { notice?: boolean; tty?: boolean }]>([
    ['the proof held', 'claude-local', failed.replace('failed', 'ok')],
    ['it could not be tried', 'claude-local', failed.replace('failed', 'untried')],
    ['nothing was found yet', 'claude-local', undefined],
    ['the file is empty', 'claude-local', ''],
    ['nobody reads it', 'claude-local', failed, { tty: false }],
    ['the sentinel is not chosen', 'claude-local', failed, { notice: false }],
    ['it does not go through the gateway', 'claude-api', failed],
  ])('says nothing when %s', async (_, name, found, options) => {
    expect(await started(name, found, options)).toBe('');
  });
});

describe('the word for what is installed', () => {
  it.each([
    [{ claude: '2.1.330', image: 'abcdef', config: '123456' }, '2.1.330:abcdef:123456'],
    [{ claude: undefined, image: undefined, config: undefined }, '::'],
  ])('%j is %s, and back', (parts, word) => {
    expect(wordOf(parts)).toBe(word);
    expect(partsOf(word)).toEqual(parts);
  });

  it.each([undefined, '', '2.1.330', 'a:b', 'a:b:c:d'])('%s is none', (word) => {
    expect(partsOf(word)).toBeUndefined();
  });
});
