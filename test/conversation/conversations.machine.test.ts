import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import hook from '../../templates/gateway/local/local_compat.py?raw';
import { type Scene, type SceneOptions, setScene } from '../gateway/scene.ts';
import { besideTheGate, rowsOfThisRun, wholeRun } from '../machine/extent.ts';
import { scratchDirectory } from '../render/scratch.ts';
import { type Launch, openClaude } from './claude-session.ts';
import { asked, beginning, type Course, converse } from './course.ts';
import { note, writeFigures } from './figures.ts';
import { guideGateway, loadAnew, withoutOverflowWords } from './gateways.ts';
import { guideLaunch, type OurLaunch, ourLaunch, withFailover } from './launches.ts';

const noCloud: SceneOptions = { answers: { cloud: {}, failover: { allowed: false } } };
const wordings = ['n_keep', 'overflows', 'exceed_context_size'] as const;
const billing = /x-anthropic-billing-header: [^"]*/;

let scene: Scene;

/** One gateway for all the conversations of a block; each test finds the stand-ins as they were at first. */
function behind(gateway: string, options: SceneOptions, conversations: () => void): void {
  describe(gateway, () => {
    let here: Scene | undefined;
    beforeEach(async () => {
      here ??= await setScene(options);
      scene = here;
      scene.reset();
    });
    afterAll(async () => here?.close());
    conversations();
  });
}

afterAll(writeFigures);

behind('our gateway and our launcher', noCloud, () => {
  it('survive twelve turns in a window of 65,536, with the core tools for less', async () => {
    const [core, all] = [await ours(65_536, 'core'), await ours(65_536, 'all')];
    for (const course of [core, all]) {
      survived(course);
      expect(course.refused).toBe(0);
      expect(course.compactions).toBeLessThanOrEqual(4);
    }
    expect(core.promptTokens).toBeLessThan(0.8 * all.promptTokens);
  });

  besideTheGate('survive twelve turns in a window of 32,768, with the core tools for less than half', async () => {
    const [core, all] = [await ours(32_768, 'core'), await ours(32_768, 'all')];
    for (const course of [core, all]) survived(course);
    expect(core.refused).toBe(0);
    expect(core.compactions).toBeLessThan(all.compactions);
    expect(core.promptTokens).toBeLessThan(0.5 * all.promptTokens);
  });

  it.each(rowsOfThisRun(wordings, (wording) => wording !== 'exceed_context_size'))(
    'go on when the model is loaded with a smaller window in the middle, said as %s',
    async (wording) => {
      scene.lmStudio.settings.overflowWording = wording;
      const launch = await ourLaunch(scene, scratchDirectory(), { contextWindow: 65_536 });
      const course = await reloadedSmaller(`ours, 65,536 and then 32,768, ${wording}`, launch);
      survived(course);
      expect(course.refused).toBeGreaterThan(0);
      expect(await again(launch)).toMatchObject({ isError: false });
    },
  );

  it('begin every conversation in every directory with the same, which is short', async () => {
    const [one, other] = await beginnings((home) => ourLaunch(scene, home, { contextWindow: 65_536 }));
    expect(one).toBe(other);
    for (const { answer } of asked(scene.lmStudio.requests)) expect(answer.promptTokens).toBeLessThanOrEqual(5500);
  });

  it('begin with the same although a client sends its billing line', async () => {
    const change = (script: string) => script.replace(/^export CLAUDE_CODE_ATTRIBUTION_HEADER=.*\n/m, '');
    const [one, other] = await beginnings((home) => ourLaunch(scene, home, { contextWindow: 65_536, change }));
    expect(one).toBe(other);
    expect(one).not.toMatch(billing);
  });
});

behind('our gateway, overflow: compact', overflowTo('compact'), () => {
  it('keeps a conversation local that may fail over and does not fit any more', async () => {
    const launch = await ourLaunch(scene, scratchDirectory(), { contextWindow: 65_536, route: withFailover });
    const course = await reloadedSmaller('failover, overflow: compact', launch);
    survived(course);
    expect(course.refused).toBeGreaterThan(0);
    expect(scene.anthropic.requests).toEqual([]);
  });
});

behind('our gateway, overflow: cloud', overflowTo('cloud'), () => {
  it('lets the cloud answer what does not fit any more, and LM Studio what fits again', async () => {
    const launch = await ourLaunch(scene, scratchDirectory(), { contextWindow: 65_536, route: withFailover });
    const course = await reloadedSmaller('failover, overflow: cloud', launch);
    survived(course);
    expect(course.cloud).toBe(course.refused);
    const places = course.turns.map(({ text }) => (text.includes('on LM Studio') ? 'local' : 'cloud'));
    expect(places.indexOf('cloud')).toBeGreaterThanOrEqual(5);
    expect(places.lastIndexOf('local')).toBeGreaterThan(places.indexOf('cloud'));
  });
});

/** What the guide's own set-up does, and ours without the hook's words, for comparison: no promise of ours. */
const behindInTheWholeRun: typeof behind = wholeRun ? behind : () => undefined;

behindInTheWholeRun(
  'our gateway without its words for an overflow',
  { ...noCloud, hook: withoutOverflowWords(hook) },
  () => {
    it('loses the conversation when the model is loaded with a smaller window in the middle', async () => {
      const launch = await ourLaunch(scene, scratchDirectory(), { contextWindow: 65_536 });
      const course = await reloadedSmaller('ours without the words for an overflow', launch);
      expect(lostForGood(course)).toBeGreaterThanOrEqual(6);
      expect(course.lost?.words).toContain('n_keep');
      expect(await again(launch)).toMatchObject({ isError: true });
    });
  },
);

behindInTheWholeRun("the guide's gateway and launcher without a cloud", guideGateway(null), () => {
  it('lose the conversation when a window of 65,536 is full', async () => {
    const launch = await guideLaunch(scene, scratchDirectory());
    const course = note('guide, 65,536, no cloud', await converse(scene, launch));
    expect(lostForGood(course)).toBeLessThanOrEqual(9);
    expect(await again(launch)).toMatchObject({ isError: true });
  });

  it('begin each conversation with something else, which is long', async () => {
    const found = await beginnings((home) => guideLaunch(scene, home));
    const [one, other] = found.map((text) => billing.exec(text)?.[0]);
    expect(one).toMatch(billing);
    expect(one).not.toBe(other);
    for (const { answer } of asked(scene.lmStudio.requests)) expect(answer.promptTokens).toBeGreaterThan(15_000);
  });
});

behindInTheWholeRun("the guide's gateway and launcher with a cloud", guideGateway('foundry-haiku'), () => {
  it('send every turn to the cloud once a window of 65,536 is full', async () => {
    const launch = await guideLaunch(scene, scratchDirectory());
    const course = note('guide, 65,536, failover', await converse(scene, launch));
    const local = course.turns.map(({ text }) => text.includes('on LM Studio'));
    const left = local.indexOf(false);
    expect(left).toBeGreaterThan(3);
    expect(local.slice(left)).not.toContain(true);
    expect(course.compactions).toBe(0);
  });
});

function overflowTo(overflow: 'compact' | 'cloud'): SceneOptions {
  const models = { sonnet: 'claude-sonnet-4-6', haiku: 'claude-haiku-4-5' };
  return { answers: { cloud: { anthropic: { models } }, failover: { allowed: true, overflow } } };
}

/** Twelve turns with our launcher in a window that is loaded as it was declared. */
async function ours(contextWindow: number, tools: NonNullable<OurLaunch['tools']>): Promise<Course> {
  scene.reset();
  loadAnew(scene, contextWindow);
  const launch = await ourLaunch(scene, scratchDirectory(), { contextWindow, tools });
  return note(`ours, ${contextWindow.toLocaleString('en-US')}, ${tools} tools`, await converse(scene, launch));
}

/** Twelve turns; before the sixth the model is loaded with half the window, and the client cannot know. */
async function reloadedSmaller(name: string, launch: Launch): Promise<Course> {
  const before = (turn: number) => loadAnew(scene, turn < 6 ? 65_536 : 32_768);
  return note(name, await converse(scene, launch, { before }));
}

function survived(course: Course): void {
  expect(course.lost).toBeUndefined();
  expect(course.answered).toBe(12);
  expect(course.compactions).toBeGreaterThan(0);
}

/** The turn from which on nothing was answered any more. */
function lostForGood({ lost, turns, compactions }: Course): number {
  const from = lost?.turn ?? Number.NaN;
  expect(lost?.words).toContain('API Error: 400');
  expect(turns.slice(from - 1).map(({ isError }) => isError)).toEqual(Array(13 - from).fill(true));
  expect(compactions).toBe(0);
  return from;
}

/** Comes back to the conversation in a new process. */
async function again(launch: Launch): ReturnType<typeof sayOnce> {
  return sayOnce(launch, 'are you still there?', ['--continue']);
}

async function sayOnce(launch: Launch, text: string, more: readonly string[] = []) {
  const session = openClaude(scene.wire, launch, more);
  return session.say(text).finally(() => session.end());
}

/** What opens the prompts of two conversations in two directories. */
async function beginnings(launchIn: (home: string) => Promise<Launch>): Promise<readonly string[]> {
  const found: string[] = [];
  for (const directory of ['one', 'other']) {
    await sayOnce(await launchIn(scratchDirectory(directory)), `hello from the ${directory} directory`);
    found.push(...asked(scene.lmStudio.requests).slice(-1).map(beginning));
  }
  return found;
}
