import type { Check, CheckFinding, Words } from '../../checks/check.ts';
import { ranOutOfTime } from '../../host/host.ts';
import type { Resource } from '../../resources/resource.ts';
import { lastLine } from '../../text/said.ts';
import { claudeCode, refusedVersions } from './step.ts';

export const client: Check = {
  id: 'claude',
  about: 'Claude Code is there, in a release that works with a gateway',
  on: 'installation',
  look: async ({ probe, layout, installed }) => {
    const file = installed.answers.claudeCode.source === 'apt' ? '/usr/bin/claude' : layout.claudeBinary;
    const { exitCode, stdout, stderr } = await probe.query({ file, args: ['--version'] });
    const fixWith = await claudeCode.resources(installed, probe);
    // A machine under load is slow to start half a gigabyte; that is not a fault of the client.
    if (ranOutOfTime({ exitCode })) return [];
    const version = exitCode === 0 ? /\d+\.\d+\.\d+/.exec(stdout)?.[0] : undefined;
    return clientTroubles(file, version, lastLine(stderr), fixWith);
  },
};

/** Judges the client that is there: `version` is undefined when it does not start. */
export function clientTroubles(
  path: string,
  version: string | undefined,
  said: string,
  fixWith: readonly Resource[],
): readonly CheckFinding[] {
  if (version === undefined) {
    return [
      {
        symptom: 'Claude Code is not installed',
        code: 'program-missing',
        problem: 'Claude Code does not start',
        evidence: [{ path, text: said || 'is not there' }],
        fixWith,
      },
    ];
  }
  const why = refusedVersions[version];
  if (why === undefined) return [];
  const words: Words = {
    symptom: 'API Error 400 in every turn',
    code: 'client-version-refused',
    problem: `Claude Code ${version} is installed, and this release ${why}`,
    evidence: [{ path, text: `--version: ${version}` }],
  };
  return [{ ...words, fixWith }];
}
