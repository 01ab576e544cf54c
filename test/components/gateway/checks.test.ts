import { describe, expect, it } from 'vitest';
import type { CloudModel } from '../../../src/components/cloud/anthropic.ts';
import { refusals, retired } from '../../../src/components/cloud/checks.ts';
import { twice } from '../../../src/components/cloud/key-checks.ts';
import { wrongContext, wrongHost } from '../../../src/components/docker/checks.ts';
import {
  containerTrouble,
  refusedImage,
  restartFindings,
  slowList,
  whoHolds,
} from '../../../src/components/gateway/checks.ts';
import {
  firstDifference,
  hiddenModel,
  hookTroubles,
  thinksOtherwise,
} from '../../../src/components/gateway/file-checks.ts';
import { gatewayProblem } from '../../../src/components/gateway/requests/client.ts';
import { modelTrouble, silent } from '../../../src/components/lm-studio/checks.ts';
import type { LocalModel } from '../../../src/components/lm-studio/lm-studio.ts';
import type { ServerKind } from '../../../src/components/lm-studio/server-kinds.ts';
import { type InspectedContainer, lastWords } from '../../../src/docker-client/container.ts';
import { type EnginePort, holderIn } from '../../../src/docker-client/port-holder.ts';
import { driftOf } from '../../../src/registry/drift-check.ts';
import { loggedRequest } from './read-request-log.ts';

const container: InspectedContainer = {
  status: 'running',
  running: true,
  startedAt: 0,
  exitCode: 0,
  restarts: 0,
  health: 'healthy',
  image: 'ghcr.io/berriai/litellm:v1.108.14',
  imageId: undefined,
  bounds: undefined,
  project: undefined,
  inputs: undefined,
  environment: ['FOLD_SYSTEM_TURNS_FOR=local,local-only', 'LOCAL_ONLY_NAMES=local-only,anthropic-local'],
};

describe('a gateway that ended by itself', () => {
  it('is told once it runs again, as a note with what to look at', () => {
    const [found] = restartFindings({ ...container, restarts: 3 }, 'litellm');
    expect(found).toMatchObject({ code: 'gateway-restarted', severity: 'note' });
    expect(found?.problem).toContain('3 times');
    expect(found?.fix).toMatch(/docker logs .*litellm.*docker restart litellm$/);
  });

  it.each([
    ['never ended', container],
    ['is not there', undefined],
    ['does not come up again, which another check tells', { ...container, status: 'restarting', restarts: 9 }],
  ])('is nothing to tell where it %s', (_, seen) => expect(restartFindings(seen, 'litellm')).toEqual([]));
});

describe('the gateway’s container', () => {
  it.each([
    ['serves', container, true, undefined],
    ['is starting', { ...container, health: 'starting' }, false, undefined],
    ['is not there', undefined, false, /there is no gateway container/],
    ['was stopped', { ...container, status: 'exited', exitCode: 137 }, false, /does not run \(exited, exit code 137\)/],
    [
      'dies again and again',
      { ...container, status: 'restarting', restarts: 9, exitCode: 1 },
      false,
      /crashes as soon as it starts \(9 times/,
    ],
    ['died again a moment ago', { ...container, health: 'starting', restarts: 9 }, false, /crashes as soon/],
    ['is paused', { ...container, status: 'paused' }, false, /is paused, as by {2}docker pause/],
    ['runs and hangs', { ...container, health: 'unhealthy' }, false, /runs but does not answer/],
  ])('%s', (_, found, ready, trouble) => {
    const told = containerTrouble(found, ready);
    if (trouble === undefined) expect(told).toBeUndefined();
    else expect(told).toMatch(trouble);
  });

  it('is quoted without colours', () => {
    expect(lastWords('one\n\n\u001b[32mtwo\u001b[0m\nthree \n')).toEqual(['two', 'three']);
  });

  it.each([
    ['ghcr.io/berriai/litellm:v1.108.14', false],
    ['ghcr.io/berriai/litellm:v1.107.0', true],
    ['ghcr.io/berriai/litellm:v1.100.0', true],
    ['ghcr.io/berriai/litellm:main-stable', true],
    ['sha256:0123', false],
  ])('may run %s: refused %s', (image, refused) => {
    expect(refusedImage(image, 'litellm')).toHaveLength(refused ? 1 : 0);
  });
});

describe('the list of models', () => {
  it.each([
    ['timeout', 1],
    ['refused', 0],
  ] as const)('that does not come (%s)', (failure, count) => {
    const reply = { reached: false, failure, detail: '', ms: 3000 } as const;
    const problem = gatewayProblem(reply, 'http://127.0.0.1:4000', 'list its models');
    expect(slowList(problem, 'litellm')).toHaveLength(count);
  });
});

const engineLine = 'LISTEN 0 4096 127.0.0.1:4000 0.0.0.0:* users:(("rootlesskit",pid=106,fd=12))';

describe('who holds the port', () => {
  const others = { is: 'not-its' } as const;
  it.each<[string, string, EnginePort, string | undefined]>([
    ['a program of ours', 'LISTEN 0 511 127.0.0.1:4000 0.0.0.0:* users:(("node",pid=77,fd=18))', others, 'kill 77'],
    [
      'somebody else’s',
      'LISTEN 0 511 127.0.0.1:4000 0.0.0.0:*',
      others,
      "see who it is:  sudo ss -ltnp 'sport = :4000'",
    ],
    ['another container of theirs', engineLine, { is: 'published', by: ['mine'] }, 'docker stop mine'],
    ['nobody, and the engine has not noticed', engineLine, { is: 'left-over', running: 2 }, undefined],
  ])('%s', (_, line, own, stop) => {
    const holder = holderIn(line);
    expect(holder).toBeDefined();
    expect(holder && whoHolds(holder, own, 4000).stop).toBe(stop);
  });

  it('is nobody where nobody listens', () => {
    expect(holderIn('\n')).toBeUndefined();
  });
});

describe('docker commands', () => {
  const wanted = 'unix:///run/user/1000/docker.sock';
  it.each([
    ['right', { host: wanted, inUse: 'rootless', wanted }, undefined],
    ['another in use', { host: wanted, inUse: 'default', wanted }, 'docker context show: default'],
    ['a dead socket', { host: 'unix:///x', inUse: 'rootless', wanted }, 'docker context inspect rootless: unix:///x'],
    ['none', { host: '', inUse: 'default', wanted }, 'docker context inspect rootless: there is none'],
  ])('context: %s', (_, seen, evidence) => {
    expect(wrongContext(seen)[0]?.evidence[0]?.text).toBe(evidence);
  });

  it.each([
    [undefined, undefined],
    ['', undefined],
    [wanted, undefined],
    ['tcp://10.0.0.1:2375', `export DOCKER_HOST=${wanted}`],
  ])('DOCKER_HOST %s', (host, fix) => {
    expect(wrongHost(host, wanted, [])[0]?.fix).toBe(fix);
  });
});

describe('the hook', () => {
  const seen = {
    config: 'litellm_settings:\n  callbacks:\n    - local_compat.proxy_handler_instance\n',
    file: '# hook\n',
    running: container,
    names: ['local', 'local-only'],
    paths: { config: 'config.yaml', hook: 'local_compat.py' },
  };
  it.each([
    ['works', seen, []],
    ['no container to ask', { ...seen, running: undefined }, []],
    ['missing', { ...seen, file: undefined }, ['is not there']],
    ['not named', { ...seen, config: 'litellm_settings: {}\n' }, ['callbacks: does not name local_compat']],
    [
      'idle',
      { ...seen, running: { ...container, environment: ['LOCAL_ONLY_NAMES=local-only,anthropic-local'] } },
      ['the container’s FOLD_SYSTEM_TURNS_FOR: empty'],
    ],
    [
      'blind to offline sessions',
      { ...seen, running: { ...container, environment: ['FOLD_SYSTEM_TURNS_FOR=local,local-only'] } },
      ['the container has no LOCAL_ONLY_NAMES'],
    ],
  ])('%s', (_, given, texts) => {
    expect(hookTroubles(given).map(({ text }) => text)).toEqual(texts);
  });
});

describe('files and answers of the gateway', () => {
  it.each([
    ['a\nb\n', 'a\nb\n', undefined],
    ['a\nx\n', 'a\nb\n', 2],
    ['a\n', 'a\nb\n', 2],
    ['a\nb\nc\n', 'a\nb\n', 3],
  ])('%j against %j differs in line %s', (text, other, line) => {
    expect(firstDifference(text, other)).toBe(line);
  });

  it.each([
    ['claude-haiku-4-5', true],
    ['foundry/claude-haiku-4-5', true],
    ['claude-haiku-5-5', false],
    ['claude-sonnet-4-6', false],
    [undefined, false],
  ])('a failover to %s may be refused: %s', (target, doubtful) => {
    expect(thinksOtherwise(target, 'claude-sonnet-5', 'x')).toHaveLength(doubtful ? 1 : 0);
  });

  it.each([
    ['claude-sonnet-5', false],
    ['foundry/my-anthropic', false],
    ['foundry/my-model', true],
    ['local', false],
  ])('%s is hidden: %s', (main, hidden) => {
    expect(hiddenModel(main, 'x')).toHaveLength(hidden ? 1 : 0);
  });

  it('tells keys that have two values, by line and never by value', () => {
    const found = twice('x', 'LITELLM_MASTER_KEY=sk-1\nAZURE_API_KEY=a\nAZURE_API_KEY=a\nLITELLM_MASTER_KEY=sk-2\n');
    expect(found.map(({ evidence }) => evidence.map(({ line }) => line))).toEqual([[1, 4]]);
    expect(JSON.stringify(found)).not.toMatch(/sk-/);
  });
});

describe('the local model', () => {
  const model: LocalModel = { id: 'qwen', key: 'qwen', loaded: true, contextWindow: 65_536 };
  const other: LocalModel = { ...model, id: 'gpt', key: 'gpt' };
  const chosen = {
    address: 'http://192.168.1.20:1234',
    kind: 'lm-studio' as ServerKind,
    model: 'qwen',
    contextWindow: 65_536,
  };
  it.each([
    ['as it was installed', [model, other], chosen, undefined],
    ['wider than it was', [{ ...model, contextWindow: 131_072 }], chosen, undefined],
    ['a size that the server does not tell', [{ ...model, contextWindow: undefined }], chosen, undefined],
    ['smaller than it was, and it works', [{ ...model, contextWindow: 49_152 }], chosen, 'note'],
    ['far too small', [{ ...model, contextWindow: 8192 }], chosen, 'broken'],
    ['smaller, and chosen so', [{ ...model, contextWindow: 40_000 }], { ...chosen, contextWindow: 40_000 }, 'note'],
    ['not loaded', [{ ...model, loaded: false }, other], chosen, 'broken'],
    [
      'not loaded now by Ollama, which does that by itself',
      [{ ...model, loaded: false }],
      { ...chosen, kind: 'ollama' as ServerKind },
      undefined,
    ],
    ['gone', [other], chosen, 'broken'],
  ])('%s', (_, models, answers, severity) => {
    expect(modelTrouble(models as readonly LocalModel[], answers)?.severity).toBe(severity);
  });

  it('names the one that is loaded in its place', () => {
    expect(modelTrouble([{ ...model, loaded: false }, other], chosen)?.problem).toMatch(/qwen is not loaded, gpt is/);
  });

  it.each<[ServerKind, string]>([
    ['lm-studio', 'lms load qwen -c 65536'],
    ['ollama', 'OLLAMA_CONTEXT_LENGTH=65536'],
    ['llama.cpp', 'llama-server with -c 65536'],
    ['vllm', 'vllm serve with --max-model-len 65536'],
  ])('says how it gets a larger window: %s', (kind, fix) => {
    const small = [{ ...model, contextWindow: 8192 }];
    expect(modelTrouble(small, { ...chosen, kind })?.fix).toContain(fix);
  });

  it.each([
    ['while another one answers', { helped: true }, /^its conversations/],
    ['where it is woken', { helped: false, sleeps: true }, /^it may be asleep/],
  ])('that is off is no fault %s', (_, others, symptom) => {
    const problem = { code: 'connection-refused', problem: 'nothing listens.', fix: 'start it there' } as const;
    const words = silent(chosen.address, problem, { rebound: undefined, ...others });
    expect(words).toMatchObject({ severity: 'note', symptom: expect.stringMatching(symptom) });
  });

  it.each<[ServerKind | undefined, string]>([
    [undefined, 'start it there'],
    ['lm-studio', 'lms server start --bind 0.0.0.0 --port 1234'],
    ['ollama', 'OLLAMA_HOST=0.0.0.0'],
    ['llama.cpp', 'llama-server with --host 0.0.0.0 --port 1234'],
  ])('says what to type when it does not answer; rebound: %s', (rebound, fix) => {
    const problem = { code: 'connection-refused', problem: 'nothing listens.', fix: 'start it there' } as const;
    expect(silent('http://192.168.1.20:1234', problem, { rebound, helped: false }).fix).toContain(fix);
  });
});

describe('the cloud', () => {
  const listed = ['claude-sonnet-5-5', 'claude-haiku-4-5-20251001'].map(
    (id): CloudModel => ({ id, version: [], createdAt: '', family: id.includes('haiku') ? 'haiku' : 'sonnet' }),
  );
  it.each([
    [['claude-sonnet-5-5', 'claude-haiku-4-5'], []],
    [['claude-sonnet-4-6'], ['claude-routing-install --set cloud.anthropic.models.sonnet=claude-sonnet-5-5']],
  ])('chosen %j', (chosen, fixes) => {
    expect(retired(chosen, listed, 'x').map(({ fix }) => fix)).toEqual(fixes);
  });

  const refused = { asked: 'claude-sonnet-5-5', answered: null, cause: 'bad-request', status: 400 };
  const request = loggedRequest(refused);
  const served = { ...request, status: 200, cause: null };
  it.each([
    ['nothing asked', [], false],
    ['refused', [served, request], true],
    ['refused, and served since', [request, served], false],
    ['a local request after it says nothing', [request, { ...served, asked: 'local' }], true],
    ['left by the person', [served, { ...request, cause: 'cancelled' as const }], false],
    [
      'refused by the gateway itself, for a session that stays local',
      [{ ...request, cause: 'refused' as const }],
      false,
    ],
    ['turned away at the gateway for its key', [{ ...request, cause: 'turned-away' as const }], false],
    ['refused on purpose, in a drill', [{ ...request, launcher: 'drill' }], false],
    ['refused, and then a drill', [request, { ...request, launcher: 'drill', cause: 'refused' as const }], true],
  ])('%s', (_, requests, note) => {
    expect(refusals(requests, 'x')).toHaveLength(note ? 1 : 0);
  });
});

describe('drift', () => {
  const resource = {
    kind: 'file',
    id: 'launcher:claude-local',
    title: 'claude-local',
    path: '/x',
    mode: 0o755,
    content: '',
  } as const;
  const step = { id: 'launchers', title: 'launchers' };
  it.each([
    ['in place', { status: 'ok', note: '' } as const, undefined],
    ['waits for another', { status: 'later', waitsFor: 'rootless Docker' } as const, undefined],
    ['to be written', { status: 'change', summary: 'write /x (new)', effects: [] } as const, 'by --fix'],
    [
      'in the way',
      { status: 'blocked', code: 'port-taken', problem: '/x is a directory', fix: 'mv /x /x.before' } as const,
      'mv /x /x.before',
    ],
  ])('%s', (_, plan, fix) => {
    const [found] = driftOf(step, { resource, plan }, 'changed-here');
    expect(found?.fixWith === undefined ? found?.fix : 'by --fix').toBe(fix);
  });

  it('is no fault where the file is as it was written and the answers or the program have changed', () => {
    const plan = { status: 'change', summary: 'change /x', effects: [] } as const;
    expect(driftOf(step, { resource, plan }, 'wanted-otherwise')[0]).toMatchObject({
      severity: 'note',
      problem: expect.stringContaining('as it was written'),
    });
    expect(driftOf(step, { resource, plan }, 'both')[0]).not.toHaveProperty('severity');
  });
});
