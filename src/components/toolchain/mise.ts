import type { Command } from '../../host/host.ts';
import type { Layout } from '../../layout.ts';

/**
 * A question for mise that leaves its files alone. By itself it prunes its cache in one of a hundred runs, and asks once a
 * day for a newer mise, unless it runs in a CI. Source: mise's settings (`cache_prune_age`), and seen with 2026.9.15.
 */
export function askMise({ miseBinary, home }: Pick<Layout, 'miseBinary' | 'home'>, ...args: readonly string[]) {
  return { file: miseBinary, args, cwd: home, env: { MISE_CACHE_PRUNE_AGE: '0s', CI: '1' } } satisfies Command;
}
