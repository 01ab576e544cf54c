import { compareVersions } from '../../config/version.ts';
import type { Result } from '../../result.ts';
import type { Decision } from '../../update/decision.ts';
import { refusedVersions, takeOtherChannel } from './step.ts';

/** What decides whether Claude Code moves. */
export interface ReleaseFacts {
  readonly present: string | undefined;
  /** The newest of the channel, or why it is not known. */
  readonly newest: Result<string, string>;
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
    const problem = bad === undefined ? newest.problem : `${newest.problem}; and ${present} ${bad}`;
    return {
      status: 'stuck',
      code: 'download-unreachable',
      problem,
      fix: 'check the network and DNS:  getent hosts downloads.claude.ai',
    };
  }
  const version = newest.value;
  const worse = refusedVersions[version];
  if (worse !== undefined && bad === undefined)
    return { status: 'current', note: `${version} is passed over, for it ${worse}` };
  if (worse !== undefined) return nothingGood(present, version, channel);
  if (bad !== undefined) return { status: 'pending', target: version, does: `replace ${present}, which ${bad}` };
  const difference = compareVersions(version, present);
  if (difference > 0) return { status: 'pending', target: version, does: 'install and prove it, else go back' };
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
