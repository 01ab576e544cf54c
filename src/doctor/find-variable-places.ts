import type { Probe } from '../host/host.ts';
import type { Layout } from '../layout.ts';
import type { VariablePlace } from './variable-place.ts';

/** Written on another branch. */
export async function findVariablePlaces(
  _probe: Probe,
  _surroundings: {
    readonly layout: Layout;
    readonly environment: Readonly<Record<string, string | undefined>>;
    readonly cwd: string;
  },
): Promise<readonly VariablePlace[]> {
  return [];
}
