import { describe, expect, it } from 'vitest';
import {
  backendOfId,
  failoverTarget,
  foldedNames,
  gatewayModels,
  mainModel,
  replacedByLocal,
  slotModels,
  unlistedNames,
} from '../../../src/components/gateway/models.ts';
import { gatewayModelProblem } from '../../../src/components/gateway/routing/profiles.ts';
import type { AnswersInput } from '../../../src/config/schema.ts';
import { answersWith } from '../../answers.ts';

const anthropic = { models: { sonnet: 'claude-sonnet-4-6', opus: 'claude-opus-4-8', haiku: 'claude-haiku-4-5' } };
const foundry = { resource: 'my-resource', deployments: { haiku: 'claude-haiku-4-5', sonnet: 'claude-sonnet-4-6' } };

const shortNames = 'claude-opus claude-sonnet claude-haiku foundry-sonnet foundry-haiku anthropic-local'.split(' ');

describe('the names at the gateway', () => {
  it('are the local model alone when there is no cloud', () => {
    const models = gatewayModels(answersWith({ failover: { allowed: true } }));
    expect(models.map(({ name, fallbacks }) => [name, fallbacks])).toEqual([
      ['local', []],
      ['local-only', []],
      ['anthropic-local', []],
    ]);
  });

  it('are full ids first and the short forms after them', () => {
    const names = gatewayModels(answersWith({ cloud: { anthropic, foundry } })).map(({ name }) => name);
    expect(names).toEqual([
      ...['local', 'local-only', 'claude-opus-4-8', 'claude-sonnet-4-6', 'claude-haiku-4-5'],
      ...['foundry/claude-sonnet-4-6', 'foundry/claude-haiku-4-5', ...shortNames],
    ]);
  });

  it('are listed once for each model', () => {
    expect(unlistedNames(answersWith({ cloud: { anthropic, foundry } }))).toEqual(shortNames);
  });

  const fallbacksWith = (failover: AnswersInput['failover'], cloud: AnswersInput['cloud'] = { anthropic }) =>
    Object.fromEntries(
      gatewayModels(answersWith({ cloud, failover })).flatMap(({ name, fallbacks }) =>
        fallbacks.length > 0 ? [[name, fallbacks]] : [],
      ),
    );

  it('give only `local` a fallback, and only when that was agreed to', () => {
    expect(fallbacksWith({ allowed: true })).toEqual({ local: ['claude-haiku-4-5'] });
    expect(fallbacksWith({ allowed: false })).toEqual({});
  });

  it('give every cloud name those that stand in for it, in the order that was agreed to, and the local ones none', () => {
    const both = { anthropic, foundry };
    const standIns = fallbacksWith({ allowed: false, whenCloudFails: ['other-cloud', 'local'] }, both);
    expect(standIns).toEqual({
      'claude-opus-4-8': ['foundry/claude-sonnet-4-6', 'local-only'],
      'claude-sonnet-4-6': ['foundry/claude-sonnet-4-6', 'local-only'],
      'claude-haiku-4-5': ['foundry/claude-haiku-4-5', 'local-only'],
      'foundry/claude-sonnet-4-6': ['claude-sonnet-4-6', 'local-only'],
      'foundry/claude-haiku-4-5': ['claude-haiku-4-5', 'local-only'],
      'claude-opus': ['foundry/claude-sonnet-4-6', 'local-only'],
      'claude-sonnet': ['foundry/claude-sonnet-4-6', 'local-only'],
      'claude-haiku': ['foundry/claude-haiku-4-5', 'local-only'],
      'foundry-sonnet': ['claude-sonnet-4-6', 'local-only'],
      'foundry-haiku': ['claude-haiku-4-5', 'local-only'],
    });
    const turned = fallbacksWith({ allowed: true, whenCloudFails: ['local', 'other-cloud'] }, both);
    expect(turned['claude-sonnet-4-6']).toEqual(['local-only', 'foundry/claude-sonnet-4-6']);
    expect(turned['local']).toEqual(['claude-haiku-4-5']);
  });

  it('know no other cloud where there is one, and no cloud where there is none', () => {
    expect(fallbacksWith({ allowed: false, whenCloudFails: ['other-cloud'] })).toEqual({});
    const local = fallbacksWith({ allowed: false, whenCloudFails: ['other-cloud', 'local'] });
    expect(local['claude-sonnet']).toEqual(['local-only']);
    expect(fallbacksWith({ allowed: false, whenCloudFails: ['local'] }, {})).toEqual({});
  });

  it('carry an id that tells the backend, different for every name', () => {
    const models = gatewayModels(answersWith({ cloud: { anthropic, foundry } }));
    expect(new Set(models.map(({ id }) => id)).size).toBe(models.length);
    expect(
      models.map(({ id, backend }) => [backendOfId(id), backend.kind]).every(([told, kind]) => told === kind),
    ).toBe(true);
    expect(backendOfId('something else')).toBeUndefined();
    expect(backendOfId(undefined)).toBeUndefined();
  });

  it('appear once when two families share a model', () => {
    const shared = { models: { opus: 'claude-opus-5-5', fable: 'claude-opus-5-5' } };
    const names = gatewayModels(answersWith({ cloud: { anthropic: shared } })).map(({ name }) => name);
    expect(names).toEqual(['local', 'local-only', 'claude-opus-5-5', 'claude-opus', 'claude-fable', 'anthropic-local']);
    expect(gatewayModelProblem(answersWith({ cloud: { anthropic: shared } }))).toBeUndefined();
  });
});

describe('the model in whose place the local one answers', () => {
  it.each([
    [{ anthropic }, undefined, 'claude-api:claude-haiku-4-5', 'claude-api:claude-sonnet-4-6'],
    [{ anthropic }, 'local-subagents', 'claude-api:claude-haiku-4-5', 'claude-api:claude-sonnet-4-6'],
    [{ anthropic, main: 'claude-opus-4-8' }, 'local-first', 'claude-api:claude-opus-4-8', 'claude-api:claude-opus-4-8'],
    [{ foundry, main: 'local' }, undefined, 'foundry:claude-haiku-4-5', 'foundry:claude-sonnet-4-6'],
    [{}, 'offline', undefined, undefined],
  ] as const)(
    'with %j and the profile %s is %s in claude-routed and %s elsewhere',
    (cloud, profile, routed, elsewhere) => {
      const routing = profile === undefined ? {} : { profile };
      expect(replacedByLocal(answersWith({ cloud, routing }))).toEqual({ routed, elsewhere });
    },
  );
});

describe('the foreground model', () => {
  it.each([
    ['the local one without a cloud', {}, 'local'],
    ['sonnet by default', { anthropic, foundry }, 'claude-sonnet-4-6'],
    ['a Foundry one when there is only Foundry', { foundry }, 'foundry/claude-sonnet-4-6'],
    ['the best that is there when there is no sonnet', { anthropic: { models: { haiku: 'h', opus: 'o' } } }, 'o'],
    ['the chosen one', { anthropic, main: 'claude-opus-4-8' }, 'claude-opus-4-8'],
    ['the full name of a short form', { anthropic, foundry, main: 'foundry-sonnet' }, 'foundry/claude-sonnet-4-6'],
    ['the local one when it is chosen', { anthropic, main: 'local-only' }, 'local-only'],
  ] as const)('is %s', (_, cloud, expected) => {
    expect(mainModel(answersWith({ cloud }))).toBe(expected);
  });
});

describe('the model that takes over', () => {
  const allowed = { allowed: true };
  const chosen = (target: string) => ({ allowed: true, target });
  const noHaiku = { models: { opus: 'o', sonnet: 's' } };
  it.each<[string, AnswersInput['cloud'], AnswersInput['failover'], string | undefined]>([
    ['nobody without a cloud', {}, allowed, undefined],
    ['nobody without consent', { anthropic }, { ...chosen('claude-haiku-4-5'), allowed: false }, undefined],
    ['a haiku', { anthropic }, allowed, 'claude-haiku-4-5'],
    ['that beside the main model', { anthropic, foundry, main: 'foundry-sonnet' }, allowed, 'foundry/claude-haiku-4-5'],
    ['the cheapest when there is no haiku', { anthropic: noHaiku }, allowed, 's'],
    ['the chosen one', { anthropic }, chosen('claude-opus-4-8'), 'claude-opus-4-8'],
    ['the full name of a short form', { anthropic }, chosen('claude-haiku'), 'claude-haiku-4-5'],
  ])('is %s', (_, cloud, failover, expected) => {
    expect(failoverTarget(answersWith({ cloud, failover }))).toBe(expected);
  });
});

describe('the slots of claude-routed', () => {
  it('send background work to the local model and stay on the backend of the foreground model', () => {
    expect(slotModels(answersWith({ cloud: { anthropic, foundry, main: 'foundry-sonnet' } }))).toEqual({
      opus: 'claude-opus-4-8',
      sonnet: 'foundry/claude-sonnet-4-6',
      haiku: 'local',
      fable: 'foundry/claude-sonnet-4-6',
    });
  });

  it('are all local without a cloud', () => {
    expect(Object.values(slotModels(answersWith()))).toEqual(['local', 'local', 'local', 'local']);
  });
});

describe('the names that Claude Code does not recognise', () => {
  it('are the local ones and the short forms', () => {
    expect(foldedNames(answersWith({ cloud: { foundry } }))).toEqual([
      'local',
      'local-only',
      'foundry-sonnet',
      'foundry-haiku',
      'anthropic-local',
    ]);
  });
});

describe('what cannot work', () => {
  const target = (name: string) => ({ failover: { allowed: true, target: name } });
  const claiming = (name: string) => ({ deployment: name, model: 'm' });
  const foundryOf = (deployments: object) => ({ cloud: { foundry: { resource: 'r-1', deployments } } });
  const named = 'claude-sonnet-4-6, claude-haiku-4-5';
  it.each<[string, object, problem: string, fix: string]>([
    ['no local model', { localModel: { address: '192.0.2.20' } }, 'no local model', 'localModel.model'],
    ['a Claude API without models', { cloud: { anthropic: {} } }, 'none of its models', 'anthropic.models.sonnet'],
    ['a Foundry without deployments', foundryOf({}), 'none of its deployments', 'cloud.foundry'],
    ['a main model that is not there', { cloud: { anthropic, main: 'claude-9' } }, 'claude-9', `${named}, local`],
    [
      'a target that is not there',
      { cloud: { anthropic }, ...target('foundry-haiku') },
      'foundry-haiku',
      `failover.target to one of: claude-opus-4-8, ${named}`,
    ],
    ['the local model as its own target', { cloud: { anthropic }, ...target('local-only') }, 'local-only', 'one of'],
    ['a target without a cloud', target('claude-haiku'), 'no cloud', 'failover.allowed'],
    [
      'two deployments that claim one model',
      foundryOf({ opus: claiming('a'), sonnet: claiming('b') }),
      'foundry/m would stand for the Foundry deployment a and for the Foundry deployment b',
      'a different model id',
    ],
    [
      'a cloud model that takes the name of the local one',
      { cloud: { anthropic: { models: { haiku: 'local' } } } },
      'local would stand',
      'different',
    ],
  ])('is %s', (_, input, problem, fix) => {
    const found = gatewayModelProblem(answersWith(input));
    expect(found?.problem).toContain(problem);
    expect(found?.fix).toContain(fix);
  });

  it('is nothing for an ordinary set-up', () => {
    const input = {
      cloud: { anthropic, foundry, main: 'claude-sonnet' },
      failover: { allowed: true, target: 'foundry-haiku' },
    };
    expect(gatewayModelProblem(answersWith(input))).toBeUndefined();
  });
});
