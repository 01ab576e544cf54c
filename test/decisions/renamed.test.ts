import { beforeAll, describe, expect, it } from 'vitest';
import type { VariableSource } from '../../src/checks/variable-source.ts';
import { backgroundElsewhere } from '../../src/env-trace/checks.ts';
import { Secret } from '../../src/host/secret.ts';
import { type Decided, decided } from './decided.ts';
import { asTheyAre, atRandom } from './renamed.ts';
import { inOtherWords } from './reworded.ts';

let plain: Decided;
let renamed: Decided;
beforeAll(async () => {
  plain = await decided(asTheyAre);
  const again = (await import('./decided.ts?reworded' as string)) as typeof import('./decided.ts');
  renamed = await again.decided(atRandom());
}, 180_000);

describe('with every text that a person sees another one', () => {
  it.each([
    ['the same is planned on a bare machine', 'planned'],
    ['every step of a run ends the same way', 'ended'],
    ['the same is left to do afterwards', 'left'],
    ['the same is told as changed', 'drifted'],
    ['the doctor finds the same', 'found'],
    ['and would fix it by the same', 'fixes'],
    ['uninstall takes the same off', 'takenOff'],
    ['and leaves the same', 'kept'],
  ] as const)('%s', (_, part) => {
    expect(renamed[part]).toEqual(plain[part]);
  });

  it('these are decisions about something', () => {
    const { left, ...all } = plain;
    expect(left, 'nothing is left to do on a machine that was just installed').toEqual([]);
    for (const part of Object.values(all)) expect(JSON.stringify(part).length).toBeGreaterThan(20);
  });
});

describe('texts that are made inside a look', () => {
  it('are other ones, too', async () => {
    const again = (await import('../../src/env-trace/checks.ts?reworded' as string)) as {
      readonly backgroundElsewhere: typeof backgroundElsewhere;
    };
    const place: VariableSource = { name: 'ANTHROPIC_SMALL_FAST_MODEL', layer: 'this-shell', value: new Secret('x') };
    const [usual] = backgroundElsewhere([place]);
    const [other] = again.backgroundElsewhere([place]);
    expect([other?.code, other?.severity]).toEqual([usual?.code, usual?.severity]);
    expect(usual?.symptom).toBe('Background work never reaches the local model');
    expect(other?.symptom).toMatch(/^[0-9a-f]{18}$/);
    expect(other?.problem).toMatch(/^ANTHROPIC_SMALL_FAST_MODEL[0-9a-f]{18}$/);
  });

  it.each([
    ["const a = { id: 'a b', fix: 'c d' };", /^const a = \{ id: 'a b', fix: '[0-9a-f]{18}' \};$/],
    ['const problem = `a ${b} c ${d}`;', /^const problem = `[0-9a-f]{18}\$\{b\}[0-9a-f]{18}\$\{d\}`;$/],
    ["const a = { fix: b ? 'c' : d, note: '' };", /^const a = \{ fix: b \? '[0-9a-f]{18}' : d, note: '' \};$/],
    [
      "f({ text: 'a' }, { evidence: [{ text: 'b' }] });",
      /^f\(\{ text: 'a' \}, \{ evidence: \[\{ text: '[0-9a-f]{18}' \}\] \}\);$/,
    ],
  ])('are known in %s', (code, others) => {
    expect(inOtherWords(code)).toMatch(others);
  });
});
