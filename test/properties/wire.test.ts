import { describe, expect, it } from 'vitest';
import { parseImageReference } from '../../src/components/gateway/image.ts';
import { modelsOpenAi, modelsV0, modelsV1 } from '../../src/components/lm-studio/lm-studio.ts';
import { readSecrets, releaseSecrets, renderSecrets } from '../../src/components/secrets-file/secrets-env.ts';
import { addressProblem, normaliseAddress } from '../../src/config/address.ts';
import { foundryBaseUrl, normaliseResource, resourceProblem } from '../../src/config/foundry-resource.ts';
import { localModelIdProblem, shownModelId } from '../../src/config/model-id.ts';
import { readActionLog } from '../../src/engine/action-log.ts';
import { Secret } from '../../src/host/secret.ts';
import { quotable, upstreamError } from '../../src/http/reply-body.ts';
import { redact } from '../../src/support-bundle/redaction.ts';
import { readRequestLog } from '../components/gateway/read-request-log.ts';
import { valueIn } from '../value-in.ts';
import { anyFileText, anyText, fc } from './runs.ts';

const host = fc.oneof(
  fc.domain(),
  fc.ipV4(),
  fc.ipV4Extended(),
  fc.ipV6(),
  anyText,
  fc.stringMatching(/^[a-zäöüß_.-]{1,20}$/),
);
const typed = fc
  .record({
    scheme: fc.constantFrom('', '', 'http://', 'https://', 'ws://', 'http:/', 'HTTP://'),
    host,
    port: fc.oneof(
      fc.constant(''),
      fc.integer({ min: 0, max: 70_000 }).map((port) => `:${port}`),
    ),
    path: fc.constantFrom('', '/', '/v1', '/x', '?a', '#b', '\\', '.', ' '),
  })
  .map(({ scheme, host: name, port, path }) => `${scheme}${name}${port}${path}`);

describe('an address', () => {
  it('is refused in words, or is what the parser of addresses makes of it, once and twice', () => {
    fc.assert(
      fc.property(typed, (text) => {
        const problem = addressProblem(text);
        if (problem !== undefined) return void expect(problem.length).toBeLessThan(600);
        const address = normaliseAddress(text);
        expect(normaliseAddress(address)).toBe(address);
        const { protocol, hostname, port, pathname, username, search, hash } = new URL(address);
        const written = port === '' ? { 'http:': '80', 'https:': '443' }[protocol] : port;
        expect(address).toBe(`${protocol}//${hostname}:${written}`);
        expect([pathname, username, search, hash]).toEqual(['/', '', '', '']);
      }),
    );
  });

  it('of a Foundry resource names one host', () => {
    fc.assert(
      fc.property(fc.oneof(anyText, fc.stringMatching(/^[a-zA-Z0-9-]{1,66}$/)), (text) => {
        if (resourceProblem(text) !== undefined) return;
        const name = normaliseResource(text);
        expect(new URL(foundryBaseUrl(name)).hostname).toBe(`${name}.services.ai.azure.com`);
      }),
    );
  });
});

describe('an image reference', () => {
  it('is made of its parts again', () => {
    const near = fc.stringMatching(/^[a-z0-9.:/_@-]{1,40}$/);
    const real = fc.stringMatching(
      /^[a-z]{1,5}\.[a-z]{2}(:[1-9][0-9]{1,3})?(\/[a-z0-9]{1,4}(__|[._]|-{1,2})?[a-z]{1,4}){1,3}(:[A-Za-z0-9][\w.-]{0,8})?$/,
    );
    fc.assert(
      fc.property(fc.oneof(near, real, anyText), (reference) => {
        const parts = parseImageReference(reference);
        if (parts === undefined) return;
        const { repository, tag, digest } = parts;
        expect(`${repository}${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`).toBe(
          reference,
        );
        expect(URL.canParse(`https://${repository}`)).toBe(true);
      }),
    );
  });
});

describe('what a server lists', () => {
  it('keeps every model that is named as a model, whatever stands beside it', () => {
    const junk = fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.record({ id: fc.jsonValue({ maxDepth: 1 }) }));
    fc.assert(
      fc.property(
        fc.array(junk, { maxLength: 8 }),
        anyText.filter((id) => id !== '' && !/embed|rerank/i.test(id)),
        (others, id) => {
          const has = (models: readonly { readonly id: string }[] | undefined) =>
            models?.some((model) => model.id === id);
          expect(has(modelsV1(JSON.stringify({ models: [...others, { type: 'llm', key: id }] })))).toBe(true);
          expect(has(modelsV0(JSON.stringify({ data: [...others, { type: 'llm', id, state: 'x' }] })))).toBe(true);
          expect(has(modelsOpenAi(JSON.stringify({ object: 'list', data: [...others, { id }] }))?.models)).toBe(true);
          expect(shownModelId(id)).not.toMatch(/[\p{Cc}\p{Bidi_Control}]/u);
          if (localModelIdProblem(id) === undefined && id.length <= 80) expect(shownModelId(id)).toBe(id);
        },
      ),
    );
  });
});

const request = {
  ...{
    v: 1,
    at: '2026-11-29T08:00:00.000Z',
    launcher: null,
    session: null,
    asked: 'local',
    answered: 'lm-studio:local',
  },
  ...{ from: null, cause: null, status: 200, streamed: true, tools: 1, firstMs: 1, ms: 2, promptTokens: 3 },
  ...{ cachedTokens: 0, outputTokens: 1, cost: 0 },
};

describe('logs', () => {
  it('of requests tell every whole line and count the others', () => {
    const half = fc.nat({ max: 100 }).map((length) => JSON.stringify(request).slice(0, length));
    const line = fc.oneof(
      fc.constant(JSON.stringify(request)),
      half,
      anyFileText.map((text) => text.replaceAll('\n', ' ')),
    );
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        const read = readRequestLog(lines.join('\n'));
        const whole = lines.filter((one) => one === JSON.stringify(request)).length;
        expect(read.requests).toHaveLength(whole);
        expect(read.broken + read.unknown).toBe(lines.filter((one) => one !== '').length - whole);
      }),
    );
  });

  it('of effects are read whatever stands in them', () => {
    const entry = fc.record(
      {
        run: anyText,
        state: fc.constantFrom('begun', 'done', 'failed', 'x'),
        what: anyText,
        at: fc.string(),
        exitCode: fc.jsonValue(),
      },
      { requiredKeys: [] },
    );
    const line = fc.oneof(
      entry.map((value) => JSON.stringify(value)),
      anyText,
    );
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        const { runs, unreadable } = readActionLog(lines.join('\n'));
        expect(runs.length + unreadable).toBeLessThanOrEqual(lines.join('\n').split('\n').length);
      }),
    );
  });
});

describe('events of a stream and bodies', () => {
  it('tell an error or none', () => {
    fc.assert(
      fc.property(anyText, anyText, (message, around) => {
        const event = `event: error\ndata: ${JSON.stringify({ error: { message } })}\n\n`;
        expect(upstreamError(`${around.replace(/event: error/g, '')}\n${event}`)?.message).toBe(message);
        expect(() => upstreamError(around)).not.toThrow();
      }),
    );
  });
});

const key = fc.stringMatching(/^sk-[A-Za-z0-9]{20,40}$/);

describe('a key', () => {
  it('is in no quotation of a server and in no report, in whole or by its beginning', () => {
    fc.assert(
      fc.property(key, anyText, anyText, fc.nat({ max: 12 }), (value, before, behind, cut) => {
        const shown = quotable(`${before}${value.slice(0, value.length - cut)}${behind}`, [new Secret(value)]);
        expect(shown).not.toContain(value.slice(0, 8));
        const facts = {
          secrets: [new Secret(value)],
          user: 'ada',
          home: '/home/ada',
          hosts: ['box'],
          resources: ['res'],
          folders: ['~/x'],
        };
        expect(redact(`${before}${value}${behind}`, facts).text).not.toContain(value);
      }),
    );
  });

  it('stands in the file of keys as it was given, and every other line stays', () => {
    const comment = fc.stringMatching(/^# [a-z ]{0,20}$/);
    const other = fc.stringMatching(/^OTHER_[A-Z]{1,6}=[a-z0-9]{1,8}$/);
    fc.assert(
      fc.property(fc.array(fc.oneof(comment, other, fc.constant(''))), key, key, (lines, gateway, claude) => {
        const before = lines.map((line) => `${line}\n`).join('');
        const rendered = valueIn(
          renderSecrets(before, { gatewayKey: new Secret(gateway), anthropicKey: new Secret(claude) }),
        );
        const text = rendered.reveal();
        expect(readSecrets(text).gatewayKey?.reveal()).toBe(gateway);
        expect(readSecrets(text).anthropicKey?.reveal()).toBe(claude);
        expect(text.startsWith(before)).toBe(true);
        expect(releaseSecrets(text, before)).toBe(before);
      }),
    );
  });
});
