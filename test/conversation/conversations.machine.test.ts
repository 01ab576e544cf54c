import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { type Scene, type SceneOptions, setScene } from '../gateway/scene.ts';
import { scratchDirectory } from '../render/scratch.ts';
import { type Launch, openClaude } from './claude-session.ts';
import { asked, beginning, type Course, converse } from './course.ts';
import { loadAnew, type OurLaunch, ourLaunch, withFailover } from './launches.ts';

const noCloud: SceneOptions = { answers: { cloud: {}, failover: { allowed: false } } };
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

  it('go on when the model is loaded with a smaller window in the middle', async () => {
    scene.lmStudio.settings.overflowWording = 'exceed_context_size';
    const launch = await ourLaunch(scene, scratchDirectory(), { contextWindow: 65_536 });
    const course = await reloadedSmaller('ours, 65,536 and then 32,768', launch);
    survived(course);
    expect(course.refused).toBeGreaterThan(0);
    expect(await again(launch)).toMatchObject({ isError: false });
  });

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

function overflowTo(overflow: 'compact' | 'cloud'): SceneOptions {
  const models = { sonnet: 'claude-sonnet-4-6', haiku: 'claude-haiku-4-5' };
  return { answers: { cloud: { anthropic: { models } }, failover: { allowed: true, overflow } } };
}

/** What docs/measurements.md tells of a conversation. */
function note(name: string, { turns, lost, ...figures }: Course): Course {
  console.log(`${name}: ${JSON.stringify(figures)}`);
  return { turns, lost, ...figures };
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
