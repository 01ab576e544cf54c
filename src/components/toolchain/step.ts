import * as z from 'zod';
import type { Answers } from '../../config/schema.ts';
import type { InstallerStep } from '../../context.ts';
import type { Command } from '../../host/host.ts';
import type { Layout } from '../../layout.ts';
import type { Resource } from '../../resources/resource.ts';
import { parsedJson } from '../../text/json.ts';
import { installMise } from '../claude-code/signed-release.ts';

/**
 * A question for mise that leaves its files alone. By itself it prunes its cache in one of a hundred runs, and asks once a
 * day for a newer mise, unless it runs in a CI. Source: mise's settings (`cache_prune_age`), and seen with 2026.9.15.
 */
export function askMise({ miseBinary, home }: Pick<Layout, 'miseBinary' | 'home'>, ...args: readonly string[]) {
  return { file: miseBinary, args, cwd: home, env: { MISE_CACHE_PRUNE_AGE: '0s', CI: '1' } } satisfies Command;
}

export const toolchain: InstallerStep = {
  id: 'toolchain',
  title: 'toolchain',
  guidePhase: 'phase 5',
  why: 'Node and Python for your projects and for MCP servers, managed by mise in your home. Claude Code itself needs neither.',
  notNeeded: ({ answers }) => (answers.toolchain.mise ? undefined : 'not chosen'),
  resources: ({ answers, layout }) => [mise(layout, answers), tools(layout, answers.toolchain.tools)],
};

function mise(layout: Layout, answers: Answers): Resource {
  return {
    kind: 'script',
    id: 'mise',
    inspect: async (probe) => {
      const { exitCode, stdout } = await probe.query(askMise(layout, '--version'));
      return exitCode === 0
        ? { status: 'ok', note: `mise ${stdout.split(' ')[0] ?? ''}` }
        : { status: 'change', summary: 'install mise' };
    },
    effects: [installMise(layout, answers)],
    writesIn: ['.local/bin', '.local/share', '.local/state', '.config/mise', '.cache'].map(
      (path) => `${layout.home}/${path}`,
    ),
  };
}

/** `mise ls --json`. Source: mise.jdx.dev, "mise ls". */
const listing = z.record(
  z.string(),
  z.array(z.object({ requested_version: z.string().optional(), installed: z.boolean().optional() })),
);

function tools(layout: Layout, wanted: readonly string[]): Resource {
  return {
    kind: 'script',
    id: 'tools',
    inspect: async (probe) => {
      const { exitCode, stdout } = await probe.query(askMise(layout, 'ls', '--global', '--json'));
      if (exitCode !== 0) return { status: 'later', waitsFor: 'mise' };
      const missing = missingTools(wanted, stdout);
      return missing.length === 0
        ? { status: 'ok', note: wanted.join(', ') }
        : { status: 'change', summary: `install ${missing.join(', ')}` };
    },
    effects: [
      {
        do: 'run',
        why: `install ${wanted.join(', ')}`,
        command: {
          file: layout.miseBinary,
          args: ['use', '--global', '--yes', ...wanted],
          cwd: layout.home,
          timeoutMs: 20 * 60_000,
        },
      },
    ],
  };
}

/** Which of `node@22`-like resources mise does not list as chosen and installed. */
export function missingTools(wanted: readonly string[], miseListing: string): readonly string[] {
  const read = listing.safeParse(parsedJson(miseListing));
  if (!read.success) return wanted;
  return wanted.filter((tool) => {
    const [name = '', version] = tool.split('@');
    return !(read.data[name] ?? []).some((entry) => entry.requested_version === version && entry.installed !== false);
  });
}
