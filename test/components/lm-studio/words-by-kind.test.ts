import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { allExplained } from '../../../src/commands/explain.ts';
import { LOCAL, LOCAL_ONLY, shownId } from '../../../src/components/gateway/models.ts';
import { modelTrouble, silent } from '../../../src/components/lm-studio/checks.ts';
import { localProblem, noLocalReply } from '../../../src/components/lm-studio/errors.ts';
import { kindWords, type ServerKind } from '../../../src/components/lm-studio/server-kinds.ts';
import { windowVerdict } from '../../../src/components/lm-studio/server-limits.ts';
import type { HttpFailure, HttpReply } from '../../../src/host/host.ts';
import { checks } from '../../../src/registry/checks.ts';
import { steps } from '../../../src/registry/steps.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const ofLmStudio = /LM Studio|\blms\b/;
const everyKind = Object.keys(kindWords) as ServerKind[];
const others = everyKind.filter((kind) => kind !== 'lm-studio');

/** Where a person may read of LM Studio, whatever server there is. */
const exceptions: Readonly<Record<string, string>> = {
  'src/components/lm-studio/server-kinds.ts':
    'the words of each kind: the others are held below to have none of LM Studio',
  'src/problem-codes/models.ts': 'what a code means is said of all kinds at once',
  'src/wizard/questions.ts': 'nobody has said yet which kind there is',
  'templates/gateway/local/local_compat.py':
    'the gateway does not know the kind, and says of each from which version on',
};

describe('what a person reads of LM Studio', () => {
  it('is read by nobody who has another server', () => {
    const files = ['src', 'templates'].flatMap(filesBelow).filter((file) => ofLmStudio.test(withoutComments(file)));
    expect(files.sort()).toEqual(Object.keys(exceptions).sort());
  });

  it('names nothing that is listed: checks, steps, what codes mean, who answered', () => {
    const ids = [LOCAL, LOCAL_ONLY].map((name) => shownId(`lm-studio:${name}`));
    const listed = [checks, steps.map(({ id, title, why }) => [id, title, why]), allExplained(), ids];
    expect(JSON.stringify(listed)).not.toMatch(/lm-studio/i);
  });

  it('stands beside every other kind where no kind is known', () => {
    for (const file of Object.keys(exceptions).slice(1)) {
      const lines = withoutComments(file)
        .split('\n')
        .filter((line) => ofLmStudio.test(line));
      for (const line of lines) expect(line).toMatch(/LM Studio.*Ollama.*llama\.cpp.*vLLM/);
    }
  });
});

describe.each(others)('a person who has %s', (kind) => {
  const address = `http://192.168.1.20:${kindWords[kind].port ?? 9999}`;

  it('reads nothing of LM Studio in what to do', () => {
    // Of a function, its source.
    for (const words of Object.values(kindWords[kind])) expect(String(words)).not.toMatch(ofLmStudio);
  });

  it.each(replies())('nor when the server answers %s', (_, reply) => {
    expect(told(localProblem(reply, address, 'load a model', undefined, kind))).not.toMatch(ofLmStudio);
  });

  it.each([undefined, 4096, 40_000, 50_000, 65_536])('nor with a window of %s', (tokens) => {
    expect(told(windowVerdict(tokens, kind))).not.toMatch(ofLmStudio);
  });

  it.each([
    ['no model', []],
    ['a model that is not loaded', [{ id: 'a', key: 'a', loaded: false }]],
    ['a small window', [{ id: 'a', key: 'a', loaded: true, contextWindow: 4096 }]],
  ] as const)('nor with %s', (_, models) => {
    const wanted = { address, kind, model: 'a', contextWindow: 65_536 };
    expect(told(modelTrouble(models, wanted))).not.toMatch(ofLmStudio);
  });

  it('nor when it listens on the loopback alone', () => {
    const off = { code: 'connection-refused', problem: 'off', fix: 'x' } as const;
    expect(told(silent(address, off, { rebound: kind, helped: false }))).not.toMatch(ofLmStudio);
  });

  it.each(silences)('nor when nothing comes: %s', (failure) => {
    // Without any answer there is only the port to go by, and where that is wrong the ports of all kinds are named.
    const { problem, fix } = noLocalReply(address, failure, 3);
    expect(`${problem} ${fix.replace(/LM Studio 1234, Ollama 11434, llama\.cpp 8080, vLLM 8000/, '')}`).not.toMatch(
      ofLmStudio,
    );
  });
});

const silences: readonly HttpFailure[] = [
  'refused',
  'timeout',
  'name-not-found',
  'unreachable',
  'tls',
  'clock',
  'not-http',
  'broken',
];

/** A reply for each meaning that the table of errors has. */
function replies(): readonly (readonly [string, HttpReply])[] {
  const refusals: readonly (readonly [number, string])[] = [
    [401, 'no key'],
    [403, 'permission denied'],
    [200, 'Unexpected endpoint or method. (GET /x)'],
    [400, 'the request exceeds the available context size'],
    [400, 'no models loaded'],
    [400, 'System message must be at the beginning'],
    [500, 'out of memory'],
    [404, 'model a not found'],
    [405, 'no'],
    [500, 'something else'],
  ];
  const silence: HttpReply = { reached: false, failure: 'timeout', detail: '', ms: 3000 };
  return [
    ['nothing', silence],
    ...refusals.map(([status, message]) => {
      const body = JSON.stringify({ error: { message } });
      const reply: HttpReply = { reached: true, status, headers: {}, body, ms: 3 };
      return [`${status} ${message}`, reply] as const;
    }),
  ];
}

function told(words: object | undefined): string {
  return JSON.stringify(words ?? {});
}

/** What is left is code and what it says. */
function withoutComments(file: string): string {
  const text = readFileSync(`${root}${file}`, 'utf8');
  if (file.endsWith('.ts')) return text.replace(/\/\*\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
  return text.replace(/^\s*"""[\s\S]*?"""/gm, '').replace(/^\s*#.*$/gm, '');
}

function filesBelow(folder: string): readonly string[] {
  return readdirSync(`${root}${folder}`, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.parentPath.slice(root.length)}/${entry.name}`);
}
