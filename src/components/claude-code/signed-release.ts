import script from '../../../templates/signed-release.bash?raw';
import type { Answers } from '../../config/schema.ts';
import { beside } from '../../host/beside.ts';
import type { Command, RunCommand } from '../../host/host.ts';
import type { Layout } from '../../layout.ts';

/** Anthropic's key for releases and packages. Source: code.claude.com, "Set up Claude Code", binary integrity. */
const anthropicKey = '31DDDE24DDFAB679F42D7BD2BAA929FF1A7ECACE';
/** The key of mise's releases. Source: mise.jdx.dev, "Installing mise". */
const miseKey = '24853EC9F655CE80B48E6C3A8B81C9D17413A06D';

/** The key that Claude Code must be signed with: Anthropic's, or that of a mirror. */
export function claudeKey({ claudeCode }: Pick<Answers, 'claudeCode'>): string {
  return claudeCode.fingerprint ?? anthropicKey;
}

/**
 * Installs Claude Code of a channel or a version: the release's list of checksums must be signed with the key, and the
 * program must be the one in that list before it is run. Releases stay in ~/.local/share/claude/versions.
 */
export function installClaude(layout: Layout, target: string, answers: Pick<Answers, 'claudeCode'>): RunCommand {
  const key = claudeKey(answers);
  return {
    do: 'run',
    why: `install Claude Code ${target}, signed with ${key}`,
    command: { ...signedRelease(layout, 'claude-code', target, key), timeoutMs: 15 * 60_000 },
  };
}

/** Starts fetching it, so that it is there, checked but not yet run, when it is to be installed. */
export function fetchClaudeAhead(layout: Layout, target: string, answers: Pick<Answers, 'claudeCode'>): RunCommand {
  const command = signedRelease(layout, 'claude-code', target, claudeKey(answers), 'fetch');
  return { do: 'run', why: `begin to fetch Claude Code ${target}`, command: beside(fetchAheadName, command) };
}

/** The name by which the action log knows that releases came with us. */
export const fetchAheadName = 'claude-code-ahead';

/** Installs the newest mise with its maker's signed installer. */
export function installMise(layout: Layout, { toolchain }: Pick<Answers, 'toolchain'>): RunCommand {
  const key = toolchain.fingerprint ?? miseKey;
  return {
    do: 'run',
    why: `install mise, signed with ${key}`,
    command: signedRelease(layout, 'mise', layout.miseBinary, key),
  };
}

function signedRelease({ home }: Layout, ...words: readonly string[]): Command {
  return { file: 'bash', args: ['-s', '--', ...words], input: script, cwd: home };
}

/** Debian's packages that the script needs. */
export const fetchingPackages = ['curl', 'gnupg', 'jq'] as const;
