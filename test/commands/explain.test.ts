import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readCommandLine } from '../../src/cli/read-command-line.ts';
import { allExplained, explain } from '../../src/commands/explain.ts';
import { secretVariables } from '../../src/config/secrets.ts';
import { checks } from '../../src/registry/checks.ts';
import { exitCodes } from '../../src/session/exit-codes.ts';
import { Refused } from '../../src/session/program.ts';
import { scriptedUi } from '../machine/doubles/scripted-ui.ts';

const root = new URL('../../', import.meta.url);
const known = allExplained();

describe('explain', () => {
  it('tells meaning, causes and fix of each code that is named', () => {
    const ui = scriptedUi();
    expect(explain({ ui }, ['port-taken', 'disk-full'])).toBe(exitCodes.done);
    const lines = ui.said.map(({ text }) => text);
    expect(lines[0]).toBe('port-taken: another program listens on a port that is needed');
    expect(lines).toContainEqual(expect.stringContaining('Fix: ss -ltnp'));
    expect(lines).toContain('disk-full: a disk has no room left');
    expect(ui.results).toMatchObject([
      ['explanation', { code: 'port-taken', area: 'Network and keys', fix: expect.stringContaining('ss -ltnp') }],
      ['explanation', { code: 'disk-full', area: 'Machine and account' }],
    ]);
  });

  it('lists all codes with what they mean where none is named', () => {
    const ui = scriptedUi();
    explain({ ui }, []);
    expect(ui.results).toEqual([['explanations', known]]);
    const said = ui.said.map(({ text }) => text.trim());
    for (const { code, area, meaning } of known) expect(said).toEqual(expect.arrayContaining([area, code, meaning]));
  });

  it.each([
    ['port-takn', /^there is no problem code port-takn; did you mean port-taken\?$/],
    ['sk-ant-api03-abcdefghijklmnopqrstuvwxyz', /^the word in place of the problem code looks like a secret/],
    ['toString', /^there is no problem code toString/],
  ])('refuses %s, and says where all of them stand', (code, says) => {
    const ui = scriptedUi();
    expect(() => explain({ ui }, ['disk-full', code])).toThrow(
      expect.objectContaining({
        exitCode: exitCodes.usage,
        problems: [
          expect.objectContaining({ problem: expect.stringMatching(says), fix: expect.stringMatching(/explain$/) }),
        ],
      }),
    );
    expect(ui.said).toEqual([]);
  });
});

describe('the codes', () => {
  const sources = readdirSync(new URL('src', root), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !path.startsWith('problem-codes/'))
    .map((path) => readFileSync(new URL(`src/${path}`, root), 'utf8'))
    .join('\n');

  it.each(known.map((one) => [one.code, one] as const))('%s is a cause in use, told in whole', (code, one) => {
    expect(code).toMatch(/^[a-z0-9]+(-[a-z0-9]+)+$/);
    expect(known.filter((other) => other.code === code)).toHaveLength(1);
    expect(sources).toContain(`'${code}'`);
    expect(one.meaning).toMatch(/^\S.{10,110}[^.]$/);
    expect(one.causes).toMatch(/^\S.*[^.]\.$/);
    expect(one.fix).toMatch(/^\S.{5,}[^.]$/);
  });

  it.each(
    known.flatMap(({ code, fix }) =>
      [...fix.matchAll(/(?<!npx )claude-routing-install( \S.*?)?(?= {2}| >|;|$)/g)].map(([, line = '']) => [
        code,
        line.trim(),
      ]),
    ),
  )('%s: what is to be typed is a command line of ours: %s', (_, line = '') => {
    const words = line
      .replace('help COMMAND', 'help install')
      .split(/ +/)
      .filter((word) => word !== '');
    expect(() => readCommandLine(words)).not.toThrow(Refused);
    const named = /--only (\S+)/.exec(line)?.[1]?.split(',') ?? [];
    const ids = checks.map(({ id }) => id);
    expect(named.filter((id) => id !== 'CHECK' && !ids.includes(id))).toEqual([]);
    const key = /^secrets \w+ (\w+)/.exec(line)?.[1] ?? 'NAME';
    expect(['NAME', ...Object.values(secretVariables)]).toContain(key);
  });

  it('stand in a page of the documentation', async () => {
    await expect(page()).toMatchFileSnapshot('../../docs/problems.md');
  });
});

/** All of them as `docs/problems.md` has them. */
function page(): string {
  const areas = [...new Set(known.map(({ area }) => area))];
  return [
    '# Codes of problems',
    '',
    'Each problem has the code of its cause: under it on a terminal, as `code` with `--json`. Codes stay; words may change.',
    'This page is written by `npx vitest run test/commands/explain.test.ts -u`; `claude-routing-install explain CODE` says the same.',
    ...areas.flatMap((area) => [
      '',
      `## ${area}`,
      '| code | means | usual causes | what to type |',
      '|---|---|---|---|',
      ...known
        .filter((one) => one.area === area)
        .map(({ code, meaning, causes, fix }) => `| \`${code}\` | ${[meaning, causes, fix].map(cell).join(' | ')} |`),
    ]),
    '',
  ].join('\n');
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll(/ {2,}/g, ' ');
}
