import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { foundryBaseUrl, normaliseResource, resourceProblem } from '../../src/config/foundry-resource.ts';

const id = '/subscriptions/0-1/resourceGroups/rg/providers/Microsoft.CognitiveServices/accounts/My-Resource';

describe('a Foundry resource', () => {
  it.each([
    'my-resource',
    ' My-Resource ',
    'https://my-resource.services.ai.azure.com',
    'https://my-resource.services.ai.azure.com/',
    'https://my-resource.services.ai.azure.com/anthropic',
    'https://my-resource.services.ai.azure.com/anthropic/v1/messages',
    'https://my-resource.services.ai.azure.com/api/projects/my-project',
    'https://my-resource.services.ai.azure.com:443/anthropic?api-version=1',
    'my-resource.services.ai.azure.com',
    'my-resource.openai.azure.com',
    'https://my-resource.openai.azure.com/openai/deployments/x',
    'https://my-resource.cognitiveservices.azure.com/',
    id,
    `${id}/projects/my-project`,
    `https://portal.azure.com/#@tenant/resource${id}/overview`,
    `"${id}"`,
  ])('%s is my-resource', (typed) => {
    expect(resourceProblem(typed)).toBeUndefined();
    expect(normaliseResource(typed)).toBe('my-resource');
  });

  it.each([
    ['', 'No resource'],
    ['my resource', 'without spaces'],
    ['x', '2 to 64'],
    ['-ab', '2 to 64'],
    ['under_score', '2 to 64'],
    ['a'.repeat(65), '2 to 64'],
    ['https://ai.azure.com', 'not the address'],
    ['https://my-resource.example.org/anthropic', 'not the address'],
    ['https://my-resource.services.ai.azure.com.example.org', 'not the address'],
    ['/subscriptions/0-1/resourceGroups/rg', '/accounts/NAME'],
    ['me@my-resource.services.ai.azure.com', 'before the @'],
  ])('%j is refused with "%s"', (typed, reason) => {
    expect(resourceProblem(typed)).toContain(reason);
    expect(() => normaliseResource(typed)).toThrow(reason);
  });

  it.each([
    randomBytes(16).toString('hex'),
    `${randomBytes(42).toString('hex')}`,
    `sk-${randomBytes(8).toString('hex')}`,
  ])('a key in its place is refused and not repeated', (key) => {
    expect(resourceProblem(key)).toContain('looks like a key');
    expect(resourceProblem(key)).not.toContain(key);
  });

  it('serves Claude below /anthropic', () => {
    expect(foundryBaseUrl('my-resource')).toBe('https://my-resource.services.ai.azure.com/anthropic');
  });
});
