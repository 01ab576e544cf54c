import type { Answers } from './schema.ts';

/** The addresses of every server of the local model, each once; the first one is the one that everything was measured at. */
export function localAddresses({ address, moreAddresses = [] }: Answers['localModel']): readonly string[] {
  return [...new Set([address, ...moreAddresses])];
}
