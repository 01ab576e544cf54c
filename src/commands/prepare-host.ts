import { hostname } from 'node:os';
import { Command, Option } from '@commander-js/extra-typings';
import script from '../../templates/prepare-host.sh?raw';
import { lookAtMachine } from '../checks/machine.ts';
import { type Declaration, examples } from '../command-line/command.ts';
import { yes } from '../command-line/options.ts';
import { hostPackages, type PrepareWishes, prepareHostResources } from '../components/base-system/prepare-host.ts';
import { clientCommands } from '../components/base-system/ssh-access.ts';
import { openJournal } from '../engine/journal.ts';
import type { Step } from '../engine/step.ts';
import { problemOf } from '../problem.ts';
import type { ProblemCode } from '../problem-codes.ts';
import { planResource } from '../resources/plan-resource.ts';
import { confirmed } from '../session/confirmed.ts';
import { type ExitCode, exitCodes } from '../session/exit-codes.ts';
import { ownAddresses } from '../session/load-config.ts';
import { type Program, Refused } from '../session/program.ts';
import { makeRunner, runOne } from '../session/runner.ts';
import { shellWord } from '../shell/word.ts';
import { planLines } from '../ui/wording.ts';

/** `prepare-host` */
export const prepareHostCommand: Declaration = (begin) =>
  new Command('prepare-host')
    .summary('as root: packages, service user, linger, key')
    .description(
      'The part for root: packages, the service user, linger, and the key that may log in. Or prints the same as a script, for another administrator to read and run.',
    )
    .addOption(new Option('--user <NAME>', 'the service user (default claude)').default('claude'))
    .addOption(new Option('--authorized-key <FILE>', 'a public key that may log in as that user'))
    .addOption(new Option('--print-script', 'print it as a shell script, and do nothing'))
    .addOption(yes())
    .addHelpText(
      'after',
      examples('prepare-host --user claude --authorized-key key.pub', 'prepare-host --print-script'),
    )
    .action((options) =>
      begin({
        touches: options.printScript === true ? 'named-files' : 'machine',
        run: async (program) => await prepareHost(program, options),
      }),
    );

interface PrepareHostOptions {
  readonly user: string;
  /** The file with the public key. */
  readonly authorizedKey?: string;
  readonly printScript?: boolean;
}

/** The phases that need root, done by root; or printed for somebody else who is root. */
export async function prepareHost(program: Program, options: PrepareHostOptions): Promise<ExitCode> {
  const wishes = await readWishes(program, options);
  if (options.printScript === true) {
    program.ui.document(prepareScript(wishes));
    return exitCodes.done;
  }
  await refuseUnlessRootOnDebian(program);
  const plans = await planned(program, wishes);
  if (plans.every(({ plan }) => plan.status === 'ok')) {
    program.ui.say(`Nothing to do: ${wishes.user} is prepared.`, 'good');
    return exitCodes.done;
  }
  for (const line of planLines(plans)) program.ui.say(line.text, line.tone);
  const problem = 'there is nobody to confirm the changes: standard input is not a terminal';
  if (!(await confirmed(program, { problem, no: 'no, change nothing' }))) {
    program.ui.say('Nothing was changed.');
    return exitCodes.done;
  }
  return await carryOut(program, wishes);
}

async function planned({ host }: Program, wishes: PrepareWishes) {
  return await Promise.all(
    prepareHostResources(wishes).map(async (resource) => ({ resource, plan: await planResource(host, resource) })),
  );
}

async function carryOut(program: Program, wishes: PrepareWishes): Promise<ExitCode> {
  const { ui, layout } = program;
  const journal = await openJournal(program.onDisk(layout.journal), program.run);
  const name = { id: 'prepare-host', title: 'prepare host', number: 1, of: 1 };
  const runner = makeRunner(program, journal, { askEach: false });
  const outcome = await program.signals.shield(async () => await runOne(prepareStep(wishes), name, undefined, runner));
  await journal.close();
  if (outcome.status === 'stopped') return exitCodes.stopped;
  ui.say(`Give ${wishes.user} a password, which sudo will ask for:  passwd ${wishes.user}`);
  for (const line of clientCommands(wishes.user, ownAddresses()[0] ?? hostname()))
    ui.say(line, line.startsWith('    ') ? 'command' : 'plain');
  return exitCodes.done;
}

function prepareStep(wishes: PrepareWishes): Step<undefined> {
  return {
    id: 'prepare-host',
    title: 'prepare host',
    guidePhase: 'phases 1 and 2',
    why: 'What only root can do: packages and the service user.',
    resources: () => prepareHostResources(wishes),
  };
}

/** The same resources as a shell script. */
export function prepareScript({ user, authorizedKey }: PrepareWishes): string {
  return script
    .replace('{{user}}', () => shellWord(user))
    .replace('{{key}}', () => (authorizedKey === undefined ? "''" : shellWord(authorizedKey)))
    .replace('{{packages}}', () => hostPackages.join(' '));
}

async function readWishes(program: Program, { user, authorizedKey }: PrepareHostOptions): Promise<PrepareWishes> {
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
  const { supported } = await lookAtMachine(host, account.home, platform);
  if (supported.status === 'stop') throw new Refused(exitCodes.preconditionNotMet, problemOf(supported));
  if (account.uid !== 0) {
    throw refusal(
      exitCodes.preconditionNotMet,
      'root-needed',
      'prepare-host is the part for root, and you are not root',
      'type  sudo claude-routing-install prepare-host  or give root the script:  claude-routing-install prepare-host --print-script',
    );
  }
}

function refusal(exitCode: ExitCode, code: ProblemCode, problem: string, fix: string): Refused {
  return new Refused(exitCode, { code, problem, fix });
}
