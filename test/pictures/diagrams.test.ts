import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { litellmConfig } from '../../src/components/gateway/litellm-config.ts';
import { launcherNames, layoutFor } from '../../src/layout.ts';
import template from '../../templates/answers.yaml?raw';
import { answersWith } from '../answers.ts';
import { wordsIn } from './svg.ts';

function words(name: string): string {
  return wordsIn(readFileSync(fileURLToPath(new URL(`../../docs/pictures/${name}.svg`, import.meta.url)), 'utf8')).join(
    '\n',
  );
}

describe('the diagrams, which are drawn by hand, name what there is', () => {
  it('every launcher, and where the gateway listens', () => {
    const { gatewayUrl } = layoutFor({ user: 'anna', uid: 1000, home: '/home/anna' });
    for (const name of [...launcherNames, gatewayUrl.replace('http://', '')])
      expect(words('route').split('\n')).toContain(name);
  });

  it('answers that decide who takes over, and how long a cloud is waited for', () => {
    const keys = [...words('failover').matchAll(/failover\.(\w+)/g)].map(([, key = '']) => key);
    expect(keys).toHaveLength(3);
    for (const key of keys) expect(template).toMatch(new RegExp(`^ *#? *${key}:`, 'm'));
    const answers = answersWith({
      cloud: { anthropic: { models: { sonnet: 'claude-sonnet-5-5' } } },
      failover: { whenCloudFails: ['local'] },
    });
    const { model_list: models } = parse(litellmConfig(answers, {})) as {
      readonly model_list: readonly { readonly litellm_params: { readonly stream_timeout?: number } }[];
    };
    const [, seconds] = /(\d+) s of silence/.exec(words('failover')) ?? [];
    expect(models.map(({ litellm_params }) => litellm_params.stream_timeout)).toContain(Number(seconds));
  });
});
