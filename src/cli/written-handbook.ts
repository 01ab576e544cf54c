import type { Handbook } from '../context.ts';

/** The handbook, as it was written down when the package was built; elsewhere the commands are asked, and the schema of the answers. */
export async function writtenHandbook(): Promise<Handbook> {
  return typeof HANDBOOK === 'undefined' ? await (await import('./handbook.ts')).handbook() : JSON.parse(HANDBOOK);
}
