import stringWidth from 'string-width';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Event, StepName } from '../../src/engine/event.ts';
import type { PlannedResource } from '../../src/engine/run-step.ts';
import type { Outcome } from '../../src/engine/step.ts';
import { Secret } from '../../src/host/secret.ts';
import { steps } from '../../src/registry/steps.ts';
import { preview, printPreview } from '../../src/session/preview.ts';
import { detailLines } from '../../src/ui/detail-lines.ts';
import { wrapped } from '../../src/ui/text-layout.ts';
import { duration, type Line, linesFor, planLines, planWords } from '../../src/ui/wording.ts';
import { scriptedUi } from '../machine/doubles/scripted-ui.ts';
import { makeScene, runOne, type Scene } from '../registry/scene.ts';

const step: StepName = { id: 'docker-engine', title: 'Docker engine', number: 7, of: 13 };
const ended = (outcome: Outcome, ms = 0): Event => ({ type: 'step-ended', step, outcome, ms });

describe('how a step ended', () => {
  it.each<[outcome: Outcome, ms: number, first: RegExp]>([
    [{ status: 'in-place' }, 1, /^ ✓ {2}7 {2}Docker engine +already in place$/],
    [{ status: 'proven' }, 1900, /^ ✓ {2}7 {2}Docker engine +holds +1\.9 s$/],
    [{ status: 'done', changes: 1 }, 41_000, /^ ✓ {2}7 {2}Docker engine +1 change +41 s$/],
    [{ status: 'done', changes: 4 }, 200_000, /^ ✓ {2}7 {2}Docker engine +4 changes +3 min 20 s$/],
    [{ status: 'not-needed', reason: 'local only' }, 0, /^ · {2}7 {2}Docker engine +not needed: local only$/],
    [{ status: 'declined' }, 0, /^ · {2}7 {2}Docker engine +skipped, as you chose$/],
    [{ status: 'planned', changes: 2, later: 1 }, 0, /^ · {2}7 {2}Docker engine +2 changes$/],
    [{ status: 'stopped', code: 'port-taken', problem: 'p', fix: 'f' }, 0, /^ ✗ {2}7 {2}Docker engine +stopped$/],
  ])('%j', (outcome, ms, first) => {
    expect(linesFor(ended(outcome, ms), { verbose: false })[0]?.text).toMatch(first);
  });

  it('badly is followed by what is wrong and what to type', () => {
    const [, problem, fix] = linesFor(
      ended({ status: 'stopped', code: 'port-taken', problem: 'no bus', fix: 'exit' }),
      { verbose: false },
    );
    expect([problem?.text, fix?.text]).toEqual(['     Problem: no bus', '     Fix: exit']);
  });
});

it.each([
  [0, '0.0 s'],
  [940, '0.9 s'],
  [9949, '9.9 s'],
  [10_000, '10 s'],
  [119_000, '119 s'],
  [120_000, '2 min 0 s'],
  [754_000, '12 min 34 s'],
])('%i ms are %s', (ms, words) => {
  expect(duration(ms)).toBe(words);
});

it.each([
  [{ status: 'ok', note: 'there' }, 'in place (there)'],
  [{ status: 'change', summary: 'write it', effects: [] }, 'write it'],
  [{ status: 'blocked', code: 'port-taken', problem: 'p', fix: 'f' }, 'blocked: p'],
  [{ status: 'later', waitsFor: 'Docker' }, 'not known yet: waits for Docker'],
] as const)('a plan %j is: %s', (plan, words) => {
  expect(planWords(plan)).toBe(words);
});

describe('files of one kind', () => {
  const file = (name: string, plan: object) => ({
    resource: { kind: 'script', id: name, title: `gateway's ${name}`, inspect: async () => plan, effects: [] } as never,
    plan: { status: 'change', summary: `write ~/litellm/${name} (new)`, effects: [], ...plan } as never,
  });
  const files = (count: number, plan = {}) => Array.from({ length: count }, (_, i) => file(`part_${i}.py`, plan));
  const told = (...planned: PlannedResource[]) => planLines(planned).map(({ text }) => text.trim());

  it('are told in one line where they are many', () => {
    const [first, ...others] = files(12);
    expect(
      told(file('config.yaml', {}), first as PlannedResource, file('last.py', { notes: ['seen'] }), ...others),
    ).toEqual([
      "gateway's config.yaml: write ~/litellm/config.yaml (new)",
      "gateway's 12 files: write ~/litellm/*.py (new)",
      "gateway's last.py: write ~/litellm/last.py (new)",
      'seen',
    ]);
  });

  it.each<[string, PlannedResource[]]>([
    ['few', files(10)],
    ['with a word of their own', files(12, { notes: ['a line of yours stays'] })],
    ['of which each is said otherwise', files(12).map((_, i) => file(`part_${i}.py`, { summary: `write it ${i}` }))],
  ])('are told one by one where they are %s', (_, planned) => {
    expect(told(...planned).filter((line) => /part_\d+\.py/.test(line))).toHaveLength(planned.length);
  });
});

describe('differences', () => {
  const resource = {
    kind: 'script',
    id: 'routed-settings',
    title: 'settings',
    inspect: async () => ({ status: 'ok', note: '' }) as const,
    effects: [],
  } as const;
  const plan = (before: string | Secret, after: string | Secret) =>
    ({ status: 'change', summary: 's', effects: [], edit: { path: '/x', before, after } }) as const;

  it('show the lines that go and the lines that come', () => {
    const lines = detailLines([{ resource, plan: plan('a\nb\n', 'a\nc\n') as never }]).map(({ text }) => text.trim());
    expect(lines).toEqual(expect.arrayContaining(['-b', '+c']));
  });

  it('of a file with keys are not shown', () => {
    const lines = detailLines([{ resource, plan: plan('KEY=sesame-old', new Secret('KEY=sesame-new')) as never }]);
    expect(JSON.stringify(lines)).not.toContain('sesame');
  });
});

/** Everything that a whole installation says, on machines where all goes well and where much is wrong. */
describe.each([40, 78])('at %i columns', (columns) => {
  const scenes: Scene[] = [];
  const lines: Line[] = [];
  beforeAll(async () => {
    const well = await makeScene();
    const badly = await makeScene({
      bus: false,
      lmStudio: { contextLength: 8192 },
      state: (state) =>
        void Object.assign(state, {
          userManager: false,
          sudo: 'denied',
          accounts: {},
          packages: new Set(['docker.io']),
        }),
    });
    scenes.push(well, badly);
    for (const scene of scenes) lines.push(...(await overviewLines(scene)));
    for (const each of steps) {
      const { events } = await runOne(each, well.host, well.context);
      lines.push(
        ...events.flatMap((event) => linesFor(event, { verbose: true })),
        ...(each.advice?.(well.context) ?? []).map(
          (text): Line => ({ text, tone: /^ {4}/.test(text) ? 'command' : 'plain' }),
        ),
      );
    }
  });
  afterAll(async () => {
    await Promise.all(scenes.map(({ machine }) => machine.destroy()));
  });

  it('no line is longer, but for one word alone and for commands to be copied', () => {
    expect(lines.length).toBeGreaterThan(100);
    const parts = lines
      .filter(({ tone }) => tone !== 'command')
      .flatMap(({ text }) => wrapped(text, columns).split('\n'));
    expect(parts.filter((part) => stringWidth(part) > columns && /\S\s+\S/.test(part.trim()))).toEqual([]);
  });

  it('no word is lost or cut', () => {
    const words = (text: string) => text.split(/\s+/).filter((word) => word !== '');
    for (const { text } of lines) expect(words(wrapped(text, columns))).toEqual(words(text));
  });

  it('nobody is shouted at, and every problem is followed by a fix', () => {
    expect(lines.filter(({ text }) => /\w!(\s|$)/.test(text))).toEqual([]);
    const without = lines.filter(
      ({ text }, index) => /^ +(Problem|Note): /.test(text) && !/^ +Fix: \S/.test(lines[index + 1]?.text ?? ''),
    );
    expect(without).toEqual([]);
  });
});

async function overviewLines({ host, context }: Scene): Promise<Line[]> {
  const ui = scriptedUi();
  printPreview(ui, await preview(steps, context, host));
  return ui.said.map(({ text, tone }) => ({ text, tone }));
}
