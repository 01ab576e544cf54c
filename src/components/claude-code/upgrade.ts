import { compareVersions, versionIn } from '../../config/version.ts';
import type { Context, InstallerStep } from '../../context.ts';
import type { Decision, PartLook } from '../../engine/part-decision.ts';
import type { Effect, Probe } from '../../host/host.ts';
import { noCloudReply, uselessReply } from '../../http/no-reply.ts';
import { failure, type Problem, type Result, success } from '../../problem.ts';
import { aptGet, aptUpdate } from '../../resources/apt-packages.ts';
import type { Resource, ScriptFound } from '../../resources/resource.ts';
import { clientProofs } from '../proof/step.ts';
import { installClaude } from './signed-release.ts';
import { claudeCode, keptRelease, linkRelease, refusedVersions, takeOtherChannel } from './step.ts';

/** Finds out which Claude Code is here and which one its channel has. */
export async function lookAtClaudeCode(probe: Probe, context: Context): Promise<PartLook<string>> {
  const { source, channel } = context.answers.claudeCode;
  const [present, newest] = await Promise.all([presentVersion(probe, context), newestVersion(probe, context)]);
  return {
    part: 'claude-code',
    runs: present ?? 'not there',
    newest: newest.ok ? `${newest.value} (${source === 'apt' ? 'apt, ' : ''}${channel})` : 'not known',
    decision: releaseFor({ present, newest, channel }),
  };
}

async function presentVersion(probe: Pick<Probe, 'query'>, { answers, layout }: Context): Promise<string | undefined> {
  const file = answers.claudeCode.source === 'apt' ? 'claude' : layout.claudeBinary;
  const { exitCode, stdout } = await probe.query({ file, args: ['--version'] });
  return exitCode === 0 ? versionIn(stdout) : undefined;
}

async function newestVersion(probe: Pick<Probe, 'query' | 'http'>, { answers }: Context): Promise<Result<string>> {
  const { source, channel } = answers.claudeCode;
  return source === 'apt' ? await aptCandidate(probe) : await channelHead(probe, channel);
}

async function channelHead(probe: Pick<Probe, 'http'>, channel: string): Promise<Result<string>> {
  const host = 'downloads.claude.ai';
  const reply = await probe.http({ url: `https://${host}/claude-code-releases/${channel}` });
  if (!reply.reached) return failure(noCloudReply(host, reply.failure, reply.detail));
  const version = reply.status === 200 ? /^\d+\.\d+\.\d+$/.exec(reply.body.trim())?.[0] : undefined;
  return version === undefined
    ? failure(uselessReply(host, `names no release of ${channel} (HTTP ${reply.status})`))
    : success(version);
}

const unknownToApt: Problem = {
  code: 'download-unreachable',
  problem: 'apt knows no package claude-code',
  fix: 'let it read its lists again:  sudo apt-get update',
};

/** As of the last time package lists were fetched. */
async function aptCandidate(probe: Pick<Probe, 'query'>): Promise<Result<string>> {
  const { stdout } = await probe.query({ file: 'apt-cache', args: ['policy', 'claude-code'], env: { LC_ALL: 'C' } });
  const version = versionIn(/Candidate: (\S+)/.exec(stdout)?.[1] ?? '');
  return version === undefined ? failure(unknownToApt) : success(version);
}

/** How a release is installed, in the way that Claude Code was installed. */
type Way = (version: string, context: Context, probe: Probe) => Promise<readonly Effect[]>;

/** Claude Code of exactly this version, and proven with both launchers. */
export function claudeCodeAt(version: string, way: Way): InstallerStep {
  return {
    id: 'claude-code',
    title: 'Claude Code',
    guidePhase: 'phase 5',
    why: 'The client itself; a release is kept only when both launchers get their answer with it.',
    resources: (context) => [atVersion(version, context, way)],
    proofs: [...(claudeCode.proofs ?? []), ...clientProofs],
  };
}

function atVersion(version: string, context: Context, way: Way): Resource {
  return {
    kind: 'script',
    id: 'claude-code',
    title: 'Claude Code',
    inspect: async (probe): Promise<ScriptFound> =>
      (await presentVersion(probe, context)) === version
        ? { status: 'ok', note: `Claude Code ${version}` }
        : { status: 'change', summary: `install Claude Code ${version}`, effects: await way(version, context, probe) },
  };
}

/** To a release that was not here before. */
export const forward: Way = async (version, context, probe) => {
  if (context.answers.claudeCode.source === 'native') return [await nativeRelease(version, context, probe)];
  return [aptUpdate, aptGet(['install', '--only-upgrade', 'claude-code'], 'upgrade Claude Code')];
};

/** Back to the one that was here before. */
export const backward: Way = async (version, context, probe) => {
  if (context.answers.claudeCode.source === 'native') return [await nativeRelease(version, context, probe)];
  return [aptGet(['install', '--allow-downgrades', `claude-code=${version}*`], `go back to Claude Code ${version}`)];
};

/** The installer keeps each release that it brought, and leaves the link as it is where the wanted one is kept already. */
async function nativeRelease(version: string, { answers, layout }: Context, probe: Probe): Promise<Effect> {
  const isKept = (await probe.stat(keptRelease(layout, version))) !== undefined;
  return isKept ? linkRelease(layout, version) : installClaude(layout, version, answers);
}

/** What decides whether Claude Code is moved to another release. */
interface ReleaseFacts {
  readonly present: string | undefined;
  /** The newest of the channel, or why it is not known. */
  readonly newest: Result<string>;
  readonly channel: 'stable' | 'latest';
}

/** Whether to move to the newest release of the channel. A refused one is never moved to, and never stayed with. */
export function releaseFor({ present, newest, channel }: ReleaseFacts): Decision<string> {
  if (present === undefined)
    return {
      status: 'stuck',
      code: 'program-missing',
      problem: 'Claude Code is not installed',
      fix: 'install it:  claude-routing-install',
    };
  const bad = refusedVersions[present];
  if (!newest.ok) {
    const { problem } = newest.problem;
    return {
      status: 'stuck',
      ...newest.problem,
      problem: bad === undefined ? problem : `${problem.replace(/\.$/, '')}; and ${present} ${bad}`,
    };
  }
  const version = newest.value;
  const worse = refusedVersions[version];
  if (worse !== undefined && bad === undefined)
    return { status: 'current', note: `${version} is skipped, because it ${worse}` };
  if (worse !== undefined) return nothingGood(present, version, channel);
  if (bad !== undefined) return { status: 'pending', target: version, does: `replace ${present}, which ${bad}` };
  const difference = compareVersions(version, present);
  if (difference > 0) return { status: 'pending', target: version, does: 'install and prove it, or go back' };
  const note = difference === 0 ? 'nothing to do' : `newer than what ${channel} has`;
  return { status: 'current', note };
}

function nothingGood(present: string, version: string, channel: ReleaseFacts['channel']): Decision<string> {
  return {
    status: 'stuck',
    code: 'client-version-refused',
    problem: `Claude Code ${present} does not work with a gateway, and neither does ${version}, the newest of ${channel}`,
    fix: takeOtherChannel(channel),
  };
}
