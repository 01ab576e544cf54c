import { hostname } from 'node:os';
import script from '../../templates/prepare-host.sh?raw';
import { lookAtMachine } from '../checks/machine.ts';
import { hostPackages, prepareHostResources, type ServiceUser } from '../components/base-system/prepare-host.ts';
import { clientCommands } from '../components/base-system/ssh-access.ts';
import type { Step } from '../engine/step.ts';
import type { ProblemCode } from '../problem-codes/index.ts';
import { changeRun } from '../session/change-run.ts';
import { type ExitCode, exitCodes } from '../session/exit-codes.ts';
import { pending, preview, reportPlans } from '../session/preview.ts';
import { ownAddresses, type Program, Refused, refuseOn } from '../session/program.ts';
import { exitCodeOf, walkSteps } from '../session/walk-steps.ts';
import { shellWord } from '../shell/word.ts';
import { filledWith } from '../text/template.ts';
import { adviceLines, planLines, sayLines } from '../ui/wording.ts';

interface PrepareHostOptions {
  readonly user: string;
  /** The file with the public key. */
  readonly authorizedKey?: string;
  readonly printScript?: boolean;
  readonly dryRun?: boolean;
}

/** The phases that need root, done as root; or printed for somebody else who is root. */
export async function prepareHost(program: Program, options: PrepareHostOptions): Promise<ExitCode> {
  const serviceUser = await readServiceUser(program, options);
  if (options.printScript === true) {
    program.ui.document(prepareScript(serviceUser));
    return exitCodes.done;
  }
  await refuseUnlessRootOnDebian(program);
  const step = prepareStep(serviceUser);
  const overviews = await preview([step], undefined, program.host);
  if (pending(overviews).length === 0) {
    program.ui.say(`Nothing to do: ${serviceUser.user} is prepared.`, 'good');
    return exitCodes.done;
  }
  return await changeRun(program, {
    name: 'prepare-host',
    needsRoot: false,
    show: () => {
      reportPlans(program.ui, overviews);
      sayLines(program.ui, planLines(overviews.flatMap(({ planned }) => planned)));
    },
    dryRun: options.dryRun,
    consent: 'confirm the changes',
    work: async (journal) =>
      await exitCodeOf(program, await walkSteps(program, [step], undefined, journal), () =>
        tellRest(program, serviceUser),
      ),
  });
}

function tellRest({ ui }: Program, { user }: ServiceUser): void {
  ui.say(`Give ${user} a password, which sudo will ask for:  passwd ${user}`);
  sayLines(ui, adviceLines(clientCommands(user, ownAddresses()[0] ?? hostname())));
}

function prepareStep(serviceUser: ServiceUser): Step<undefined> {
  return {
    id: 'prepare-host',
    title: 'prepare host',
    guidePhase: 'phases 1 and 2',
    why: 'What only root can do: packages and the service user.',
    resources: () => prepareHostResources(serviceUser),
  };
}

/** The same resources as a shell script. */
export function prepareScript({ user, authorizedKey }: ServiceUser): string {
  return filledWith(script, {
    user: shellWord(user),
    key: authorizedKey === undefined ? "''" : shellWord(authorizedKey),
    packages: hostPackages.join(' '),
  });
}

async function readServiceUser(program: Program, { user, authorizedKey }: PrepareHostOptions): Promise<ServiceUser> {
  if (!/^[a-z_][a-z0-9_-]{0,31}$/.test(user) || user === 'root') {
    throw refusal(
      exitCodes.usage,
      'option-value-wrong',
      `--user ${user}: that cannot be the service user`,
      'give a plain name in lower case, e.g.  --user claude',
    );
  }
  const line = authorizedKey === undefined ? undefined : await keyLine(program, authorizedKey);
  return { user, home: `/home/${user}`, authorizedKey: line };
}

async function keyLine({ host }: Program, path: string): Promise<string> {
  const text = await host.readFile(path);
  if (text === undefined)
    throw refusal(
      exitCodes.usage,
      'file-missing',
      `--authorized-key ${path}: there is no such file`,
      'name a public key file, e.g. one ending in .pub',
    );
  const line = text.trim();
  if (/PRIVATE KEY/.test(line))
    throw refusal(
      exitCodes.usage,
      'key-of-another-kind',
      `--authorized-key ${path}: that is a private key, which must never leave your computer`,
      `name the public one:  --authorized-key ${path}.pub`,
    );
  if (line.includes('\n') || !/^(ssh-|ecdsa-|sk-)\S+ [A-Za-z0-9+/=]+/.test(line)) {
    throw refusal(
      exitCodes.usage,
      'option-value-wrong',
      `--authorized-key ${path}: that is not one line with a public key`,
      'name the file that ssh-keygen wrote with the ending .pub',
    );
  }
  return line;
}

async function refuseUnlessRootOnDebian({ host, account, platform }: Program): Promise<void> {
  refuseOn((await lookAtMachine(host, account.home, platform)).supported);
  if (account.uid !== 0) {
    throw refusal(
      exitCodes.preconditionNotMet,
      'root-needed',
      'prepare-host must be run by root, and you are not root',
      'type  sudo claude-routing-install prepare-host  or give root the script:  claude-routing-install prepare-host --print-script',
    );
  }
}

function refusal(exitCode: ExitCode, code: ProblemCode, problem: string, fix: string): Refused {
  return new Refused(exitCode, { code, problem, fix });
}
