import { describe, expect, it } from 'vitest';
import {
  localRoute,
  offlineRoute,
  overflowGoesToCloud,
  profileOf,
  profileWords,
  routedRoute,
  routingProblem,
} from '../../../../src/components/gateway/routing/profiles.ts';
import { type Answers, type Profile, profiles } from '../../../../src/config/schema.ts';
import { answersWith } from '../../../answers.ts';

const claude = { anthropic: { models: { sonnet: 'claude-sonnet-5-5', haiku: 'claude-haiku-5-5' } } };

const answers = (parts: object): Answers => answersWith({ cloud: claude, ...parts });

describe('what goes where', () => {
  it.each<[profile: Profile, main: string, background: string, subagents: string | undefined, sealed: boolean]>([
    ['cloud-foreground', 'claude-sonnet-5-5', 'local', undefined, false],
    ['local-subagents', 'claude-sonnet-5-5', 'local', 'local', false],
    ['local-first', 'local', 'local', 'local', false],
    ['offline', 'local-only', 'local-only', 'local-only', true],
  ])('in %s', (profile, main, background, subagents, sealed) => {
    const route = routedRoute(answers({ routing: { profile }, failover: { allowed: true } }));
    expect(route).toMatchObject({ main, slots: { haiku: background }, subagents, localOnly: sealed });
  });

  it('without a choice is the cloud in front where there is one, else offline', () => {
    expect(profileOf(answers({}))).toBe('cloud-foreground');
    expect(profileOf(answers({ cloud: {} }))).toBe('offline');
  });

  it.each(profiles)('never changes where claude-offline and claude-local go: %s', (profile) => {
    const route = (allowed: boolean | 'background') =>
      localRoute(answers({ routing: { profile }, failover: { allowed } }));
    expect(route(true)).toMatchObject({ main: 'local', localOnly: false });
    for (const allowed of [false, 'background'] as const) expect(route(allowed)).toEqual(offlineRoute);
    expect(offlineRoute).toMatchObject({ main: 'local-only', localOnly: true });
  });

  it.each(profiles)('is said in one line: %s', (profile) => {
    expect(profileWords[profile].goes.length).toBeLessThanOrEqual(74);
    expect(profileWords[profile].goes).not.toMatch(/\n|[.!]$/);
  });
});

describe('a prompt that is too long', () => {
  it.each<[profile: Profile, overflow: 'compact' | 'cloud' | undefined, cloud: boolean]>([
    ['cloud-foreground', undefined, false],
    ['local-subagents', undefined, false],
    ['local-first', undefined, true],
    ['offline', undefined, false],
    ['local-first', 'compact', false],
    ['cloud-foreground', 'cloud', true],
  ])('in %s with overflow %s goes to the cloud: %s', (profile, overflow, cloud) => {
    const failover = { allowed: true, ...(overflow === undefined ? {} : { overflow }) };
    expect(overflowGoesToCloud(answers({ routing: { profile }, failover }))).toBe(cloud);
  });
});

describe('answers that contradict each other', () => {
  it.each<[profile: Profile | undefined, allowed: boolean | 'background', cloud: object, says: RegExp | undefined]>([
    ['cloud-foreground', false, claude, undefined],
    ['local-subagents', 'background', claude, undefined],
    ['local-first', true, claude, undefined],
    ['offline', false, {}, undefined],
    ['offline', true, claude, undefined],
    [undefined, false, {}, undefined],
    ['local-first', false, claude, /not agreed to/],
    ['local-first', 'background', claude, /not agreed to/],
    ['local-first', true, {}, /needs a cloud/],
    ['local-subagents', false, {}, /needs a cloud/],
    ['cloud-foreground', false, {}, /needs a cloud/],
  ])('profile %s, consent %s, cloud %o', (profile, allowed, cloud, says) => {
    const routing = profile === undefined ? {} : { profile };
    const problem = routingProblem(answers({ routing, failover: { allowed }, cloud }));
    if (says === undefined) expect(problem).toBeUndefined();
    else
      expect(problem).toMatchObject({
        problem: expect.stringMatching(says),
        fix: expect.stringMatching(/routing\.profile/),
      });
  });
});
