import { describe, expect, it } from 'vitest';
import { firstStart, pastFirstScreens } from '../../../src/components/launchers/step.ts';
import { layoutFor } from '../../../src/layout.ts';
import { planResource } from '../../../src/resources/plan-resource.ts';
import { FakeHost } from '../../machine/doubles/fake-host.ts';

const layout = layoutFor({ user: 'anna', uid: 1000, home: '/home/anna' });

describe("the client's own state", () => {
  it('is begun where there is none, and says nothing of trust', async () => {
    const host = new FakeHost({ [layout.routedSettings]: '{}' });
    const [resource] = await firstStart(layout, host);
    if (resource === undefined) throw new Error('nothing is wanted');
    expect(await planResource(host, resource)).toMatchObject({
      status: 'change',
      effects: [{ do: 'write', content: pastFirstScreens, mode: 0o600 }],
      notes: [expect.stringContaining('trust')],
    });
    expect(pastFirstScreens).not.toContain('rust');
  });

  it.each([
    ['', 'is empty'],
    ['{"numStartups":3}', 'is of a client that was started'],
    ['{"note":"\uFFFD"}', 'holds what no text can be put back from'],
    ['half a fi', 'is no JSON'],
  ])('%s stays: it %s', async (text) => {
    expect(await firstStart(layout, new FakeHost({ [layout.routedState]: text }))).toEqual([]);
  });
});
