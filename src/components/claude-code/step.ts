import type { Answers } from '../../config/schema.ts';
import { compareVersions, versionIn } from '../../config/version.ts';
import type { Context, InstallerStep } from '../../context.ts';
import type { Proof } from '../../engine/step.ts';
import type { Probe, RunCommand } from '../../host/host.ts';
import type { Layout } from '../../layout.ts';
import { failure, type Problem, success } from '../../problem.ts';
import { installedPackages } from '../../resources/apt-packages.ts';
import type { Resource, ScriptFound } from '../../resources/resource.ts';
import { claudeKey, fetchClaudeAhead, fetchingPackages, installClaude } from './signed-release.ts';

/** Releases that fail with any gateway. Source: Claude Code's release notes and issues (63469, 2.1.268, 2.1.276). */
export const refusedVersions: Readonly<Record<string, string>> = {
  '2.1.156': 'sends system turns that other endpoints refuse',
  '2.1.265': 'sends a tool that gateways refuse in every turn',
  '2.1.266': 'sends a tool that gateways refuse in every turn',
  '2.1.267': 'sends a tool that gateways refuse in every turn',
  '2.1.275': 'sends a tool type that gateways refuse',
};

export const claudeCode: InstallerStep = {
  id: 'claude-code',
  title: 'Claude Code',
  guidePhase: 'phase 5',
  why: 'The client itself, on the channel that stays a week behind, so that broken releases are skipped. Its signature is checked before it runs.',
  resources: (context) => (context.answers.claudeCode.source === 'apt' ? fromApt(context) : [native(context)]),
  ahead: (context) => (context.answers.claudeCode.source === 'apt' ? undefined : fetchedAhead(context)),
  proofs: [doctor()],
};

function native({ answers, layout }: Context): Resource {
  const { channel } = answers.claudeCode;
  return {
    kind: 'script',
    id: 'claude-code',
    title: 'Claude Code',
    inspect: async (probe) => await findVersion(probe, layout, `install Claude Code, channel ${channel}`),
    effects: [installClaude(layout, channel, answers)],
    writesIn: ['.local/bin', '.local/share', '.local/state', '.cache', '.claude'].map(
      (path) => `${layout.home}/${path}`,
    ),
  };
}

/** Twice the size of anything but the gateway's image, and only a few packages are needed to fetch and check it. */
function fetchedAhead({ answers, layout }: Context): Resource {
  const { channel } = answers.claudeCode;
  return {
    kind: 'script',
    id: 'claude-code-ahead',
    title: 'Claude Code, beside the other steps',
    inspect: async (probe) => {
      const there = await installedPackages(probe);
      if (!there.ok || !fetchingPackages.every((name) => there.value.has(name)))
        return { status: 'later', waitsFor: 'the base packages' };
      return await findVersion(probe, layout, `fetch Claude Code, channel ${channel}`);
    },
    effects: [fetchClaudeAhead(layout, channel, answers)],
  };
}

/** Where Anthropic's installer keeps each release that it brought; the command is a link to one of them. */
export function keptRelease({ home }: Layout, version = ''): string {
  return `${home}/.local/share/claude/versions/${version}`;
}

/** Makes a release that is kept here the one that runs. */
export function linkRelease(layout: Layout, version: string): RunCommand {
  const command = { file: 'ln', args: ['-sfn', keptRelease(layout, version), layout.claudeBinary] };
  return { do: 'run', why: `start Claude Code ${version}, which is kept here`, command };
}

function fromApt({ answers, machine }: Context): Resource[] {
  const { channel } = answers.claudeCode;
  return [
    {
      kind: 'apt-source',
      id: 'claude-code-repository',
      title: 'Claude Code repository',
      name: 'claude-code',
      uri: `https://downloads.claude.ai/claude-code/apt/${channel}`,
      suite: channel,
      components: 'main',
      architecture: machine.architecture,
      keyUrl: 'https://downloads.claude.ai/keys/claude-code.asc',
      keyPath: '/etc/apt/keyrings/claude-code.asc',
      fingerprint: claudeKey(answers),
    },
    { kind: 'apt-packages', id: 'claude-code', title: 'Claude Code', packages: ['claude-code'] },
  ];
}

async function findVersion(probe: Probe, layout: Layout, needed: string): Promise<ScriptFound> {
  const { exitCode, stdout } = await probe.query({ file: layout.claudeBinary, args: ['--version'] });
  const version = versionIn(stdout);
  if (exitCode !== 0 || version === undefined) return { status: 'change', summary: needed };
  const why = refusedVersions[version];
  if (why === undefined) return { status: 'ok', note: `Claude Code ${version}` };
  const replace = `replace Claude Code ${version}, which ${why}`;
  // The installer was seen to leave the link alone if the release of its channel is kept here already.
  const better = newestWorking(await probe.list(keptRelease(layout)));
  if (better === undefined) return { status: 'change', summary: replace };
  return { status: 'change', summary: `${replace}, by ${better}`, effects: [linkRelease(layout, better)] };
}

/** The newest of these releases that is not refused. */
export function newestWorking(names: readonly string[]): string | undefined {
  const releases = names.filter((name) => /^\d+\.\d+\.\d+$/.test(name) && refusedVersions[name] === undefined);
  return [...releases].sort(compareVersions).at(-1);
}

/** A release that cannot work with a gateway is still there after installing: nothing newer was offered. */
export function refusedVersionProblem(version: string, channel: Channel): Problem | undefined {
  const why = refusedVersions[version];
  if (why === undefined) return undefined;
  return {
    code: 'client-version-refused',
    problem: `Claude Code ${version} was installed, and this release ${why}`,
    fix: takeOtherChannel(channel),
  };
}

type Channel = Answers['claudeCode']['channel'];

/** What to type where the newest release of a channel cannot work with a gateway. */
export function takeOtherChannel(channel: Channel): string {
  const other = channel === 'stable' ? 'latest' : 'stable';
  return `take the other channel:  claude-routing-install --set claudeCode.channel=${other}  then  claude-routing-install update claude-code`;
}

/** `claude doctor` hung in some releases, so it gets 20 seconds and its failing is no reason to stop. */
function doctor(): Proof<Context> {
  return {
    name: 'claude doctor',
    run: async (probe, { answers, layout }) => {
      const file = answers.claudeCode.source === 'apt' ? 'claude' : layout.claudeBinary;
      const version = await probe.query({ file, args: ['--version'], timeoutMs: 20_000 });
      const refused = refusedVersionProblem(versionIn(version.stdout) ?? '', answers.claudeCode.channel);
      if (refused !== undefined) return failure(refused);
      const examined = await probe.query({ file, args: ['doctor'], cwd: layout.home, timeoutMs: 20_000 });
      if (examined.exitCode === 0)
        return success({ note: `${version.stdout.trim()}; claude doctor found no problems` });
      const warning: Problem = {
        code: 'client-unwell',
        problem: `claude doctor ended with exit code ${examined.exitCode}`,
        fix: 'look at what it says:  claude doctor',
      };
      return success({ note: version.stdout.trim(), warning });
    },
  };
}
