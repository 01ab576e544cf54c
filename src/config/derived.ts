import type { Answers } from './schema.ts';

/** The addresses of every server of the local model, each once; the first one is the one that everything was measured at. */
export function localAddresses({ address, moreAddresses = [] }: Answers['localModel']): readonly string[] {
  return [...new Set([address, ...moreAddresses])];
}

/** Whether anything can go to a cloud. */
export function hasCloud({ cloud }: Pick<Answers, 'cloud'>): boolean {
  return cloud.anthropic !== undefined || cloud.foundry !== undefined;
}

/** Whether there is an end to what the clouds may cost. */
export function hasCeiling({ spending }: Pick<Answers, 'spending'>): boolean {
  return spending.perDay !== undefined || spending.perMonth !== undefined;
}
