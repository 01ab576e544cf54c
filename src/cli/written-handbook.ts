import type { Handbook } from '../context.ts';

/** The handbook as written down when the package was built; without it, it is made from the commands and the schema of the answers. */
export async function writtenHandbook(): Promise<Handbook> {
  return typeof HANDBOOK === 'undefined' ? await (await import('./handbook.ts')).handbook() : JSON.parse(HANDBOOK);
}
