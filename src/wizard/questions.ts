import type { Ui } from '../ui/ui.ts';

/** Numbers the questions. How many there are depends on the answers, so the total is what is known so far. */
export interface Questions {
  /** The headline of the next question, and under it what may be typed. */
  begin(title: string, ...hints: readonly string[]): void;
  /** From here on there are `more` questions after the one that was begun last. */
  expect(more: number): void;
  /** The number of the question that was begun last. */
  number(): number;
  /** Asks question `number` anew. */
  returnTo(number: number): void;
}

/** `total` is what is expected at the start. */
export function countQuestions(ui: Ui, total: number): Questions {
  let current = 0;
  let of = total;
  return {
    begin(title, ...hints) {
      current += 1;
      ui.say('');
      ui.say(`${current}/${Math.max(of, current)}  ${title}`, 'strong');
      for (const hint of hints) ui.say(`     ${hint}`, 'dim');
    },
    expect(more) {
      of = current + more;
    },
    number: () => current,
    returnTo(number) {
      current = number - 1;
    },
  };
}

/** What can be behind the local model. */
export type Backend = 'anthropic' | 'foundry' | 'both' | 'none';

/** How many questions follow the one about the cloud: a key each, Foundry's resource and deployments, what goes where, the failover, and whether there are more. */
export function questionsAbout(
  cloud: { readonly anthropic?: unknown; readonly foundry?: unknown } | undefined,
): number {
  return { anthropic: 4, foundry: 6, both: 7, none: 1 }[backendOf(cloud)];
}

export function backendOf(cloud: { readonly anthropic?: unknown; readonly foundry?: unknown } | undefined): Backend {
  if (cloud === undefined) return 'anthropic';
  if (cloud.anthropic !== undefined) return cloud.foundry === undefined ? 'anthropic' : 'both';
  return cloud.foundry === undefined ? 'none' : 'foundry';
}
