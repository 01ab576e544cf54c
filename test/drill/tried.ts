import type { CaseResult, DrillCase } from '../../src/failover-test/drill-case.ts';
import { type CaseRun, tryCases } from '../../src/failover-test/try-cases.ts';
import { exchange } from '../../src/host/http-client.ts';
import { Secret } from '../../src/host/secret.ts';
import type { Scene } from '../gateway/scene.ts';

const clues: CaseRun['clues'] = {
  drift: [],
  fallbacks: { local: ['claude-haiku-4-5'], strict: [] },
  configPath: '/config.yaml',
  containerName: 'litellm',
  local: undefined,
};

/** Tries these cases on a scene's gateway, as a drill does. */
export async function triedOn(
  { gateway }: Scene,
  cases: readonly DrillCase[],
  more: Partial<Pick<CaseRun, 'stage' | 'tell'>> = {},
): Promise<readonly CaseResult[]> {
  return await tryCases(cases, {
    probe: { http: exchange },
    url: gateway.url,
    key: new Secret(gateway.key),
    clues,
    busy: async (_, work) => await work,
    tell: () => undefined,
    throwIfStopped: () => undefined,
    ...more,
  });
}

/** Those that did not hold, or were not tried. */
export function brokenOf(tried: readonly CaseResult[]): readonly CaseResult[] {
  return tried.filter(({ outcome }) => outcome !== 'held');
}
