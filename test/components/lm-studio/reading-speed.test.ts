import { describe, expect, it } from 'vitest';
import {
  firstAnswerAt,
  measureReading,
  type Reading,
  type ReadingSpeed,
} from '../../../src/components/lm-studio/reading-speed.ts';
import { type LmStudioOptions, lmStudio } from '../../machine/stand-ins/lm-studio.ts';
import { recordingProbe, serve, serveListener } from '../../services/loopback.ts';
import { problemIn, valueIn } from '../../value-in.ts';

const model = 'qwen/qwen3.6-35b-a3b';

async function measured(options: LmStudioOptions, limits?: { promptMs: number; totalMs: number }, window = 65_536) {
  const standIn = lmStudio({ prefixCache: true, ...options });
  const server = { address: await serve(standIn), model, contextWindow: window };
  const reading = await measureReading(recordingProbe(), server, limits);
  return { reading, prompts: standIn.requests.map(({ answer }) => answer.promptTokens ?? 0) };
}

function speed(reading: Reading): ReadingSpeed {
  const read = valueIn(reading);
  if (read.slow) throw new Error(JSON.stringify(read));
  return read;
}

describe('how fast a model reads', () => {
  it('is measured with a short and a long prompt, each new and known', async () => {
    const { reading, prompts } = await measured({ prefillTokensPerSecond: 50_000 });
    const { coldTokensPerSecond, warmFirstMs = Number.NaN, coldFirstMs, firstAnswer } = speed(reading);
    expect(prompts.map((tokens) => Math.round(tokens / 1000))).toEqual([5, 5, 20, 20]);
    expect(coldTokensPerSecond).toBeGreaterThan(25_000);
    expect(coldTokensPerSecond).toBeLessThanOrEqual(50_000);
    expect(coldFirstMs).toBeGreaterThanOrEqual(400);
    expect(warmFirstMs).toBeLessThan(coldFirstMs / 2);
    expect(firstAnswer.lean.atLeast || firstAnswer.full.atLeast).toBe(false);
    expect(firstAnswer.full.ms).toBeGreaterThan(430);
    expect(firstAnswer.lean.ms).toBeGreaterThan(90);
    expect(firstAnswer.lean.ms).toBeLessThan(firstAnswer.full.ms);
  });

  it('is as slow for a known prompt where the server keeps nothing', async () => {
    const { reading } = await measured({ prefillTokensPerSecond: 50_000, prefixCache: false });
    const { warmFirstMs = 0, coldFirstMs } = speed(reading);
    expect(warmFirstMs).toBeGreaterThan(coldFirstMs / 2);
  });

  it('sends nothing that the server has seen before, in no measurement', async () => {
    const standIn = lmStudio();
    const server = { address: await serve(standIn), model, contextWindow: 65_536 };
    await measureReading(recordingProbe(), server);
    await measureReading(recordingProbe(), server);
    const firstLines = standIn.requests.map(({ body }) => /[0-9a-f]{16}\\n/.exec(JSON.stringify(body))?.[0]);
    expect(firstLines).toHaveLength(8);
    expect(new Set(firstLines).size).toBe(4);
  });

  it('asks for a single token, and without the long prompt where that would take too long', async () => {
    const { reading, prompts } = await measured({ prefillTokensPerSecond: 20_000 }, { promptMs: 700, totalMs: 5000 });
    expect(prompts.map((tokens) => Math.round(tokens / 1000))).toEqual([5, 5]);
    const { firstAnswer } = speed(reading);
    expect(firstAnswer.full.atLeast).toBe(true);
    expect(firstAnswer.lean.atLeast).toBe(false);
  });

  it('says how slow it is at least when not even the short prompt is read in time', async () => {
    const { reading, prompts } = await measured({ prefillTokensPerSecond: 5_000 }, { promptMs: 250, totalMs: 5000 });
    expect(valueIn(reading)).toMatchObject({ slowerThan: 20_000, firstAnswer: { lean: { ms: 235, atLeast: true } } });
    expect(prompts).toHaveLength(1);
  });

  it('is over at the end of the time for all', async () => {
    const started = performance.now();
    const { reading } = await measured(
      { prefillTokensPerSecond: 20_000, prefixCache: false },
      { promptMs: 2000, totalMs: 400 },
    );
    expect(performance.now() - started).toBeLessThan(1500);
    expect(speed(reading).warmFirstMs).toBeUndefined();
  });

  it.each([
    [16_384, [5, 5, 11, 11]],
    [8_192, [5, 5]],
    [4_096, [3, 3]],
  ])('keeps within a window of %i tokens', async (window, sizes) => {
    const { reading, prompts } = await measured({ contextLength: window }, undefined, window);
    expect(prompts.map((tokens) => Math.round(tokens / 1000))).toEqual(sizes);
    expect(speed(reading).coldTokensPerSecond).toBeGreaterThan(0);
  });

  it('believes the server about the tokens, and itself where it does not tell', async () => {
    const reply = (usage: object) => JSON.stringify({ type: 'message', role: 'assistant', content: [], ...usage });
    const told = await serveListener((_, response) =>
      response.end(reply({ usage: { input_tokens: 0, output_tokens: 1 } })),
    );
    const silent = await serveListener((_, response) => response.end(reply({})));
    for (const address of [told, silent])
      expect(speed(await measureReading(recordingProbe(), { address, model })).coldTokensPerSecond).toBeGreaterThan(0);
  });

  it('is a problem where the server fails', async () => {
    const fault = { on: 'generation', does: 'status', status: 500, body: { error: 'the engine is gone' } } as const;
    const { reading } = await measured({ faults: [fault] });
    expect(problemIn(reading)).toMatchObject({ problem: expect.stringContaining('the engine is gone') });
  });

  it('leads to the first answers by itself', () => {
    const { lean, full } = firstAnswerAt(210);
    expect([Math.round(lean.ms / 1000), Math.round(full.ms / 1000)]).toEqual([22, 103]);
  });
});
