import { describe, expect, it } from 'vitest';
import type { AnswersSoFar } from '../../src/config/answers-so-far.ts';
import { notingUi } from '../../src/ui/noting-ui.ts';
import type { QuestionId, Ui } from '../../src/ui/ui.ts';
import { scriptedUi } from '../machine/doubles/scripted-ui.ts';

/** What each question offered, and what was noted, when all that is asked is answered with what is offered. */
async function asked(
  before: AnswersSoFar,
  questions: readonly { readonly id?: QuestionId; readonly message: string }[],
) {
  const offers: (string | undefined)[] = [];
  const given: AnswersSoFar = {};
  const told: string[] = [];
  const person: Ui = {
    ...scriptedUi(),
    askText: async ({ default: offered }) => {
      offers.push(offered);
      return offered ?? 'typed';
    },
  };
  const ui = notingUi(person, before, given, () => told.push('told'));
  for (const question of questions) await ui.askText(question);
  return { offers, given, told };
}

describe('what was answered before is offered again', () => {
  it('to the same question in any words, and to no other one in the same words', async () => {
    const before = { 'local-address': '10.0.0.5', Address: '10.0.0.6' };
    const { offers, given, told } = await asked(before, [
      { id: 'local-address', message: 'In other words than before' },
      { id: 'local-model', message: 'Address' },
      { message: 'Address' },
    ]);
    expect(offers).toEqual(['10.0.0.5', undefined, undefined]);
    expect(given).toEqual({ 'local-address': '10.0.0.5', 'local-model': 'typed' });
    expect(told).toEqual(['told']);
  });

  it('once: what is asked a second time is asked for another reason', async () => {
    const again = { id: 'cloud', message: 'Cloud' } as const;
    expect((await asked({ cloud: 'both' }, [again, again])).offers).toEqual(['both', undefined]);
  });
});
