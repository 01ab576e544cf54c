import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { isRoutingVariable } from '../../src/components/launchers/routing-variables.ts';
import { firstBadLine, mergeRoutedSettings, releaseRoutedSettings } from '../../src/components/launchers/settings.ts';
import { parseAnswersFile } from '../../src/config/answers-file.ts';
import { readSavedAnswers, savedAnswersText, saysTheSame } from '../../src/config/saved.ts';
import { type Answers, answersSchema, modelFamilies, profiles } from '../../src/config/schema.ts';
import { readYaml, yamlText } from '../../src/config/yaml.ts';
import { jsonKeys, settingsVariables } from '../../src/env-trace/settings-variables.ts';
import { sourcesText } from '../../src/resources/apt-source.ts';
import { valueIn } from '../value-in.ts';
import { anyFileText, anyText, fc } from './runs.ts';

const family = (id: fc.Arbitrary<string>) =>
  fc.record(Object.fromEntries(modelFamilies.map((name) => [name, id])), { requiredKeys: [] });
const cloudId = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._:@+-]{0,40}$/);
const localId = fc.oneof(cloudId, anyText);

/** Answers as a person may write them; what the schema refuses is left out. */
const answers = fc
  .record({
    version: fc.constant(1),
    localModel: fc.record(
      {
        address: fc.constantFrom('192.168.1.20', 'https://lm.example.org', '[fd00::20]:99', 'bücher.local'),
        model: localId,
        contextWindow: fc.integer({ min: 1024, max: 1_000_000 }),
        load: fc.boolean(),
        tokensPerSecond: fc.double({ min: 0.001, max: 1e6, noNaN: true }),
      },
      { requiredKeys: ['address'] },
    ),
    cloud: fc.record({ anthropic: fc.record({ models: family(cloudId) }), main: anyText }, { requiredKeys: [] }),
    routing: fc.record({ profile: fc.constantFrom(...profiles) }, { requiredKeys: [] }),
    failover: fc.record({ allowed: fc.constantFrom(true, false, 'background') }),
    gateway: fc.record({ port: fc.integer({ min: 1024, max: 65_535 }) }, { requiredKeys: [] }),
  })
  .map((written) => answersSchema.safeParse(written).data)
  .filter((read): read is Answers => read !== undefined);

describe('the answers', () => {
  it('are read as they were saved, comments or none', () => {
    fc.assert(
      fc.property(answers, fc.array(anyFileText), (given, notes) => {
        const text = savedAnswersText(given);
        expect(readSavedAnswers(text)).toEqual(given);
        const comments = notes
          .map((note) => `# ${note.replace(/[\r\n\u0085\u2028\u2029\0-\x1f\x7f-\x9f\ufeff]/g, ' ')}\n`)
          .join('');
        expect(saysTheSame(`${comments}${text}${comments}`, given)).toBe(true);
      }),
    );
  });

  it('of any text are answers or a fault in words, never an exception', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const read = parseAnswersFile('a.yaml', text);
        if (!read.ok) expect(read.problem.problem).toMatch(/^a\.yaml/);
        else expect(typeof read.value.raw).toBe('object');
      }),
    );
  });
});

describe('YAML', () => {
  it('that we write is read by parsers of both versions as it was meant', () => {
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.stringMatching(/^[a-z]\w{0,8}$/),
          fc.oneof(anyFileText, fc.array(anyFileText), fc.boolean(), fc.integer()),
        ),
        (data) => {
          const plain: unknown = JSON.parse(JSON.stringify(data));
          expect(parse(yamlText(data))).toEqual(plain);
          expect(valueIn(readYaml(yamlText(data), { longest: 1e6, old: true }))).toMatchObject({ value: plain });
        },
      ),
    );
  });
});

const settings = fc.dictionary(
  fc.oneof(fc.constantFrom('env', 'model', 'statusLine', 'theme', 'permissions'), fc.string()),
  fc.jsonValue({ maxDepth: 3 }),
);
const variables = fc.dictionary(
  fc.constantFrom('ANTHROPIC_BASE_URL', 'ANTHROPIC_MODEL', 'HTTP_PROXY', 'PATH', 'MINE', 'CLAUDE_CODE_USE_BEDROCK'),
  fc.string(),
);

describe('the settings of the client', () => {
  const script = "/home/it's/status line";

  it('lose what decides where requests go and nothing else, and get it back', () => {
    const indent = fc.constantFrom(undefined, 2, 4, '\t');
    fc.assert(
      fc.property(
        settings,
        fc.option(variables, { nil: undefined }),
        indent,
        fc.boolean(),
        (mine, env, space, wanted) => {
          const { env: _, ...others } = mine;
          const before = { ...others, ...(env === undefined ? {} : { env }) };
          const text = JSON.stringify(before, undefined, space);
          const merged = valueIn(mergeRoutedSettings(text, { script, wanted }));
          const after = JSON.parse(merged.text) as typeof before;
          expect(Object.keys(after.env ?? {}).filter(isRoutingVariable)).toEqual([]);
          expect(valueIn(mergeRoutedSettings(merged.text, { script, wanted }))).toMatchObject({
            text: merged.text,
            removed: [],
          });
          const released = releaseRoutedSettings(merged.text, script, text);
          expect(JSON.parse(released ?? 'null')).toEqual(JSON.parse(text));
        },
      ),
    );
  });

  it('of any text are read or refused with a line that it has', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const merged = mergeRoutedSettings(text, { script, wanted: true });
        const line = firstBadLine(text);
        expect(line >= 1 && line <= text.split('\n').length).toBe(true);
        if (merged.ok) expect(JSON.parse(merged.value.text)).toBeTypeOf('object');
        expect(settingsVariables(text)).toBeDefined();
      }),
    );
  });

  it('name the first line that cannot be continued', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.nat(), fc.constantFrom(',,', '}}', '"x', '@', "'"), (value, where, wrong) => {
        const lines = JSON.stringify({ value, list: [1, 2] }, undefined, 1).split('\n');
        const at = 1 + (where % Math.max(1, lines.length - 1));
        lines[at] = `${lines[at]}${wrong}`;
        const text = lines.join('\n');
        // The other way to find it: try every line.
        const slow = lines.findIndex(
          (_, index) =>
            firstBadLine(lines.slice(0, index + 1).join('\n')) <= index + 1 &&
            !couldBegin(lines.slice(0, index + 1).join('\n')),
        );
        expect(firstBadLine(text)).toBe(slow === -1 ? lines.length : slow + 1);
      }),
    );
  });

  it('have their keys on the lines where they stand', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.integer(), { minKeys: 1 }), (object) => {
        const keys = jsonKeys(JSON.stringify(object, undefined, 1));
        expect(keys).toEqual(Object.keys(object).map((key, index) => ({ path: [key], line: index + 2 })));
      }),
    );
  });
});

function couldBegin(prefix: string): boolean {
  try {
    JSON.parse(prefix);
    return true;
  } catch (error) {
    const { message } = error as Error;
    const position = /position (\d+)/.exec(message)?.[1];
    return (
      /end of JSON input|Unterminated string/.test(message) ||
      (position !== undefined && Number(position) >= prefix.length)
    );
  }
}

describe('a source of packages', () => {
  it('is one stanza that reads as it was meant, whatever address was accepted', () => {
    const repository = fc.record({
      uri: fc.oneof(
        anyText.map((text) => `https://${text}`),
        fc.stringMatching(/^https:\/\/[a-z0-9.]{1,12}(\/[a-z%0-9.-]{0,8}){0,3}$/),
      ),
    });
    fc.assert(
      fc.property(repository, (wanted) => {
        const read = answersSchema.safeParse({
          version: 1,
          localModel: { address: 'box' },
          docker: { repository: { ...wanted, fingerprint: 'A'.repeat(40) } },
        });
        const uri = read.data?.docker.repository?.uri;
        if (uri === undefined) return;
        const source = {
          kind: 'apt-source' as const,
          id: 'docker-repository' as const,
          title: 't',
          name: 'docker',
          uri,
          suite: 'trixie',
          components: 'stable',
          architecture: 'amd64',
          keyPath: '/k',
          keyUrl: `${uri}/gpg`,
          fingerprint: 'A'.repeat(40),
        };
        const fields = sourcesText(source)
          .trimEnd()
          .split('\n')
          .map((line) => /^([A-Za-z-]+): (\S+)$/.exec(line)?.slice(1));
        expect(fields).toEqual([
          ['Types', 'deb'],
          ['URIs', uri],
          ['Suites', 'trixie'],
          ['Components', 'stable'],
          ['Architectures', 'amd64'],
          ['Signed-By', '/k'],
        ]);
      }),
    );
  });
});
