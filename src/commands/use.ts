import { knownWord } from '../command-line/usage-problems.ts';
import { profileOf, profileWords } from '../components/gateway/routing/profiles.ts';
import { type Profile, profiles } from '../config/schema.ts';
import type { Context } from '../context.ts';
import type { Problem } from '../problem.ts';
import { steps } from '../registry/steps.ts';
import { changeRun } from '../session/change-run.ts';
import { type ExitCode, exitCodes } from '../session/exit-codes.ts';
import { installed, requireInstallation, savedAnswers } from '../session/load-installation.ts';
import { blockers, pending, preview, printPreview, takesRoot } from '../session/preview.ts';
import { type Program, Refused } from '../session/program.ts';
import { applySteps } from '../session/walk-steps.ts';

/** The steps whose files say which profile is in use: the answers, the gateway's configuration, the launchers and the sentinel's script. */
const touched = ['secrets', 'gateway', 'launchers', 'sentinel', 'proof'];

/** Changes what goes where in claude-routed, and proves it; without a name tells which profiles there are. */
export async function use(
  program: Program,
  word: string | undefined,
  { dryRun }: { readonly dryRun?: boolean },
): Promise<ExitCode> {
  const { ui, host } = program;
  const started = performance.now();
  await requireInstallation(program);
  if (word === undefined) return await listProfiles(program);
  const profile = knownWord('profile', word, profiles);
  const context = await contextWith(program, profile);
  const chosen = steps.filter(({ id }) => touched.includes(id));
  const overviews = await ui.busy('looking at this machine', preview(chosen, context, host));
  if (pending(overviews).length === 0) {
    ui.say(`Nothing to do: the profile is ${profile} already.`, 'good');
    return exitCodes.done;
  }
  return await changeRun(program, {
    name: 'install',
    needsRoot: takesRoot(overviews),
    blockers: blockers(overviews),
    show: () => {
      ui.say(`Profile ${profile}: ${profileWords[profile].goes}.`, 'strong');
      printPreview(ui, overviews);
    },
    dryRun,
    consent: 'confirm the changes',
    work: async (journal) =>
      await applySteps(program, chosen, context, journal, { askEach: false, proofDue: false, started }),
  });
}

/** The installation as it would be under that profile. */
async function contextWith(program: Program, profile: Profile): Promise<Context> {
  const { given } = program;
  const settings = [...given.settings, `routing.profile=${profile}`];
  try {
    return await installed({ ...program, given: { ...given, settings } });
  } catch (error) {
    if (error instanceof Refused) throw new Refused(error.exitCode, ...error.problems.map(typedHere(profile)));
    throw error;
  }
}

/** The same problem, with the command to type for a change of profile. */
function typedHere(profile: Profile): (problem: Problem) => Problem {
  const fixes: Readonly<Partial<Record<Problem['code'], string>>> = {
    'failover-not-agreed': `agree to it as well:  claude-routing-install use ${profile} --set failover.allowed=true`,
    'cloud-not-described': 'add a cloud to your answers:  claude-routing-install --ask',
  };
  return (problem) => ({ ...problem, fix: fixes[problem.code] ?? problem.fix });
}

/** Two lines each, so that it can be read in a narrow terminal. */
async function listProfiles(program: Program): Promise<ExitCode> {
  const { ui } = program;
  const current = profileOf(await savedAnswers(program));
  const listed = profiles.map((profile) => ({ profile, goes: profileWords[profile].goes, inUse: profile === current }));
  ui.result('profiles', listed, () => {
    for (const { profile, goes, inUse } of listed) {
      ui.say(inUse ? `● ${profile}, in use` : `○ ${profile}`, inUse ? 'strong' : 'plain');
      ui.say(`  ${goes}`, 'dim');
    }
    ui.say('Another one:  claude-routing-install use PROFILE');
  });
  return exitCodes.done;
}
