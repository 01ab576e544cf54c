import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  answerPaths,
  answersJsonSchema,
  environmentTwin,
  parseAnswersFile,
  readAnswer,
  setAnswer,
  validateAnswers,
  valueAt,
} from '../../src/config/answers-file.ts';
import { answersSchema, profiles } from '../../src/config/schema.ts';
import { nearestOf } from '../../src/text/nearest.ts';
import { problemIn, valueIn } from '../value-in.ts';

const minimal = 'version: 1\nlocalModel:\n  address: 192.168.1.20\n';

function parsed(text: string) {
  return valueIn(parseAnswersFile('a.yaml', text));
}

function problemsOf(text: string) {
  const file = parsed(text);
  return problemIn(validateAnswers(file.raw, file));
}

const neverItself = /^must be env:NAME or file:\/path, never the secret itself$/;
const mirror = (key: string): string => `docker: { repository: { ${key} } }`;

describe('an answers file', () => {
  it('needs the address of the local model and nothing else', () => {
    const file = parsed(minimal);
    const answers = valueIn(validateAnswers(file.raw, file));
    expect(answers).toMatchObject({
      localModel: { address: 'http://192.168.1.20:1234', load: false },
      failover: { allowed: false },
      gateway: { port: 4000 },
      toolchain: { mise: true, tools: ['node@22', 'python@3.12'] },
      claudeCode: { source: 'native', channel: 'stable' },
      launchers: { shellFunctions: true, exportSecrets: false, leanLocal: true, statusLine: false, sentinel: false },
      routing: {},
      system: { fullUpgrade: false, fail2ban: false, firewall: false },
      docker: { removeConflicting: false, keepRootful: false },
      cloud: {},
    });
  });

  it('may be JSON', () => {
    const file = parsed('{"version": 1, "localModel": {"address": "10.0.0.5"}}');
    expect(valueIn(validateAnswers(file.raw, file))).toMatchObject({ localModel: { address: 'http://10.0.0.5:1234' } });
  });

  it('takes a deployment by its name or with the model behind it', () => {
    const file = parsed(
      `${minimal}cloud:\n  foundry:\n    resource: https://my.services.ai.azure.com\n    deployments:\n      sonnet: claude-sonnet-4-6\n      haiku: { deployment: fast, model: claude-haiku-4-5 }\n`,
    );
    expect(valueIn(validateAnswers(file.raw, file))).toMatchObject({
      cloud: {
        foundry: {
          resource: 'my',
          deployments: {
            sonnet: { deployment: 'claude-sonnet-4-6', model: 'claude-sonnet-4-6' },
            haiku: { deployment: 'fast', model: 'claude-haiku-4-5' },
          },
        },
      },
    });
  });

  it.each<[name: string, text: string, says: RegExp]>([
    ['a quotation that never ends', 'version: "1\n', /^a\.yaml, line \d+, column \d+: not YAML: /],
    ['a key given twice', 'version: 1\nversion: 1\n', /^a\.yaml, line 2, column 1: not YAML: Map keys must be unique/],
    ['tabs', 'version: 1\nlocalModel:\n\taddress: x\n', /^a\.yaml, line 3, column 1: not YAML: /],
    ['two documents', 'version: 1\n---\nversion: 1\n', /^a\.yaml, line 2, column 1: not YAML: /],
    ['UTF-16', '\uFFFD\uFFFDv\0e\0r\0', /^a\.yaml is UTF-16 text/],
    ['nothing', '', /^a\.yaml contains no answers/],
    ['a comment alone', '# nothing yet\n', /^a\.yaml contains no answers/],
    ['one word', 'yes\n', /^a\.yaml contains no answers/],
    ['a list', '- 1\n', /^a\.yaml contains no answers/],
  ])('with %s is no answers file', (_, text, says) => {
    const file = parseAnswersFile('a.yaml', text);
    expect(problemIn(file).problem).toMatch(says);
    expect(problemIn(file).fix).toContain('answers init');
  });

  /** A group as the fourth line of an answers file, and what is said of it. */
  it.each<[name: string, group: string, key: string, says: RegExp, fix?: string]>([
    [
      'an unknown key',
      'gatway:\n  port: 1',
      'gatway',
      /^there is no such key; did you mean gateway\?$/,
      'answers schema',
    ],
    ['an unknown key with nothing like it', 'whatsoever: 1', 'whatsoever', /^there is no such key$/, 'answers schema'],
    ['a key called problem', 'problem: none', 'problem', /^there is no such key$/, 'answers schema'],
    [
      'an unknown key in a group',
      '  modell: x',
      'localModel.modell',
      /did you mean localModel\.model\?$/,
      'answers schema',
    ],
    ['a word where a number belongs', 'gateway: { port: web }', 'gateway.port', /^must be a number$/],
    [
      'a fraction where a whole number belongs',
      'gateway: { port: 4000.5 }',
      'gateway.port',
      /^must be a whole number$/,
    ],
    ['a number below the least', 'gateway: { port: 80 }', 'gateway.port', /^must be at least 1024$/],
    ['a number above the most', 'gateway: { port: 70000 }', 'gateway.port', /^must be at most 65535$/],
    ['a ceiling of nothing', 'spending: { perDay: 0 }', 'spending.perDay', /^must be more than 0$/],
    ['a word where a group belongs', 'system: default', 'system', /^must be a group: its keys indented below it/],
    ['an empty group', 'gateway:', 'gateway', /^must be a group/],
    ['a number where a name belongs', 'gateway: { image: 7 }', 'gateway.image', /^must be text, in quotation marks/],
    ['a key in the open', 'cloud: { anthropic: { key: sk-ant-123 } }', 'cloud.anthropic.key', neverItself],
    ['neither yes nor no', 'failover: { allowed: "yes" }', 'failover.allowed', /^must be true, false or background$/],
    [
      'an unknown tool',
      'toolchain: { tools: [node] }',
      'toolchain.tools.0',
      /^must be TOOL@VERSION/,
      'toolchain.tools=VALUE',
    ],
    ['an unknown channel', 'claudeCode: { channel: beta }', 'claudeCode.channel', /^must be stable or latest$/],
    [
      'a mirror without encryption',
      mirror(`uri: "http://x.example", fingerprint: ${'A'.repeat(40)}`),
      'docker.repository.uri',
      /^must be https:/,
    ],
    ['a fingerprint that is none', mirror('fingerprint: abc'), 'docker.repository.fingerprint', /^must be 40 hexadec/],
  ])('with %s is refused with place and fix', (_, group, key, says, fix = key) => {
    const [problem, ...others] = problemsOf(`${minimal}${group}\n`);
    expect(others).toEqual([]);
    const [place, words = ''] = problem?.problem.split(`${key}: `) ?? [];
    expect(place).toBe('a.yaml, line 4: ');
    expect(words).toMatch(says);
    expect(problem?.fix).toContain(fix);
    expect(words).not.toContain('sk-ant-123');
  });

  it('with half a rule is refused, and no --set is named that there is none of', () => {
    const [problem] = problemsOf(`${minimal}routing: { rules: [{ name: mine, when: { agent: x } }] }\n`);
    expect(problem?.problem).toContain('routing.rules.0.model is missing');
    expect(problem?.fix).toBe('give it in the answers file');
  });

  it.each([
    ['a group where a word belongs', 'version: 1\nlocalModel:\n  address:\n    host: x\n', 3, 'localModel.address'],
    ['a version that never was', minimal.replace('1', '0'), 1, 'version'],
  ])('with %s is refused with its place', (_, text, line, key) => {
    expect(problemsOf(text)).toMatchObject([
      { problem: expect.stringContaining(`line ${line}: ${key}: `), fix: expect.stringContaining(key) },
    ]);
  });

  it('of a newer version is refused with both versions, and nothing else is said of it', () => {
    expect(problemIn(parseAnswersFile('a.yaml', 'version: 2\nmodels: {}\n'))).toEqual({
      code: 'written-by-newer-version',
      problem: expect.stringMatching(/^a\.yaml is of version 2; this program, \S+, knows versions up to 1$/) as string,
      fix: expect.stringContaining('npx claude-routing-install@latest') as string,
    });
  });

  it('with a value of the wrong kind for any key is refused in our words', () => {
    const start = { version: 1, localModel: { address: 'box.local' } };
    const wrong = ['', 'x y', 'x'.repeat(400), -1, 1.5, 1e30, true, null, [], ['x y'], [7], {}, { x: 1 }];
    const told = answerPaths().flatMap((path) => wrong.map((value) => validateAnswers(setAnswer(start, path, value))));
    const words = told.flatMap((read) => (read.ok ? [] : read.problem.map(({ problem }) => problem)));
    expect(words.length).toBeGreaterThan(answerPaths().length);
    expect(words.filter((one) => /undefined|Invalid|Too |expected|received/.test(one))).toEqual([]);
  });

  it('tells everything that is wrong at once', () => {
    expect(problemsOf('version: 1\nlocalModel:\n  address: "1.2.3"\n  contextWindow: 5\ngatewy: 1\n')).toHaveLength(3);
  });

  it('says what is missing, and the three ways to give it', () => {
    expect(problemIn(validateAnswers({ version: 1, localModel: {} }))).toEqual([
      {
        code: 'answer-missing',
        problem: 'localModel.address is missing',
        fix: expect.stringMatching(/--set localModel\.address=VALUE .* CLAUDE_ROUTING_LOCAL_MODEL_ADDRESS/),
      },
    ]);
  });
});

describe('the example', () => {
  const text = readFileSync(new URL('../../templates/answers.yaml', import.meta.url), 'utf8');

  it('is valid as it stands', () => {
    const file = parsed(text);
    expect(valueIn(validateAnswers(file.raw, file))).toHaveProperty('version', 1);
  });

  it('is valid with everything in it switched on, too', () => {
    const all = text
      .split('\n')
      .map((line) => line.replace(/^(\s*)# (?=\s*[a-zA-Z]+:( |$))/, '$1'))
      .join('\n');
    const file = parsed(all);
    expect(valueIn(validateAnswers(file.raw, file))).toHaveProperty('version', 1);
    expect(valueAt(file.raw, ['cloud', 'foundry', 'deployments', 'sonnet'])).toBe('claude-sonnet-4-6');
    expect(valueAt(file.raw, ['gateway', 'port'])).toBe(4000);
    expect(valueAt(file.raw, ['routing', 'profile'])).toBe('cloud-foreground');
    expect(valueAt(file.raw, ['failover', 'overflow'])).toBe('compact');
    expect(valueAt(file.raw, ['localModel', 'tokensPerSecond'])).toBe(210);
    expect(valueAt(file.raw, ['launchers', 'leanLocal'])).toBe(true);
  });
});

describe('keys', () => {
  it.each([
    ['localModel.address', 'CLAUDE_ROUTING_LOCAL_MODEL_ADDRESS'],
    ['system.fail2ban', 'CLAUDE_ROUTING_SYSTEM_FAIL2BAN'],
    ['cloud.anthropic.models.sonnet', 'CLAUDE_ROUTING_CLOUD_ANTHROPIC_MODELS_SONNET'],
  ])('%s is %s in the environment', (path, name) => {
    expect(environmentTwin(path)).toBe(name);
  });

  it('have each a twin of their own', () => {
    const twins = answerPaths().map(environmentTwin);
    expect(new Set(twins).size).toBe(twins.length);
  });

  it('stand in the JSON Schema, which refuses unknown ones', () => {
    expect(answersJsonSchema()).toMatchObject({
      type: 'object',
      additionalProperties: false,
      properties: {
        localModel: { properties: { address: { type: 'string' }, tokensPerSecond: { exclusiveMinimum: 0 } } },
        routing: { properties: { profile: { enum: [...profiles] } } },
        failover: {
          properties: {
            allowed: { anyOf: [{ type: 'boolean' }, { const: 'background' }] },
            overflow: { enum: ['compact', 'cloud'] },
          },
        },
        launchers: { properties: { leanLocal: { default: true }, statusLine: { default: false } } },
      },
    });
  });

  it.each<[word: string, known: readonly string[], nearest: string | undefined]>([
    ['instal', ['install', 'plan'], 'install'],
    ['PLAN', ['install', 'plan'], 'plan'],
    ['xyz', ['install', 'plan'], undefined],
    ['', ['install'], undefined],
    ['status', [], undefined],
  ])('%j is near to the right one of %j', (word, known, nearest) => {
    expect(nearestOf(word, known)).toBe(nearest);
  });

  it.each<[value: string, read: unknown]>([
    ['4001', 4001],
    ['true', true],
    ['[node@22]', ['node@22']],
    ['{}', {}],
    ['a=b', 'a=b'],
  ])('are read of %s as YAML reads it where a key takes no text', (written, value) => {
    expect(valueIn(readAnswer('gateway.port', written))).toEqual(value);
  });

  it.each([
    ...[
      'qwen/qwen3',
      '192.168.1.20',
      '123',
      'true',
      'null',
      '~',
      '1e3',
      '- x',
      '#x',
      'x #y',
      'a: b',
      '@x',
      '*x',
      '&x',
      '[x',
    ],
    ...['my model', 'größe', "it's", 'a"b', '$HOME', '`x`', '%x', '|', ' x ', 'os.environ/HOME', '"', "'"],
  ])('are read of %j as it stands where a key takes a text', (written) => {
    expect(valueIn(readAnswer('localModel.model', written))).toEqual(written);
    expect(valueIn(readAnswer('localModel.model', JSON.stringify(written)))).toEqual(written);
  });

  it('are read of braces for a deployment and of a name alike', () => {
    expect(valueIn(readAnswer('cloud.foundry.deployments.opus', 'mine'))).toEqual('mine');
    expect(valueIn(readAnswer('cloud.foundry.deployments.opus', '{deployment: a, model: b}'))).toEqual({
      deployment: 'a',
      model: 'b',
    });
    expect(valueIn(readAnswer('failover.allowed', 'true'))).toEqual(true);
    expect(valueIn(readAnswer('localModel.parallel', '2'))).toEqual(2);
    expect(valueIn(readAnswer('localModel.parallel', 'off'))).toEqual('off');
  });

  it.each([
    ['*nowhere', 'names no anchor'],
    ['[a', 'not YAML'],
    ['['.repeat(3000), 'nested too deeply'],
    ['x'.repeat(70_000), 'longer than 65,536 characters'],
  ])('that cannot be read are a fault in words', (written, fault) => {
    expect(problemIn(readAnswer('gateway.port', written))).toMatchObject({ fault: expect.stringContaining(fault) });
  });

  it('are set without touching what they are set in', () => {
    const before = { gateway: { port: 1 } };
    setAnswer(before, 'gateway.port', 2);
    expect(before).toEqual({ gateway: { port: 1 } });
    expect(setAnswer({ gateway: 'nothing' }, 'gateway.port', 2)).toEqual({ gateway: { port: 2 } });
  });
});

it('defaults are filled in once: reading what was read changes nothing', () => {
  const once = answersSchema.parse({ version: 1, localModel: { address: 'box.local' } });
  expect(answersSchema.parse(once)).toEqual(once);
});
