import { Argument, Option } from '@commander-js/extra-typings';
import { type Declaration, declared, ofChanges, ofLooks } from '../command-line/command.ts';
import { answersFile, completing, dryRun, only, setting, skip, verbose, yes } from '../command-line/options.ts';

/** `status` */
export const statusCommand: Declaration = (begin) =>
  declared('status', {
    summary: 'what is installed, what runs, what has drifted',
    description:
      'What is installed, what runs, and what differs from what was written or is wanted. Asks nothing and changes nothing; exit code 2 says that something differs.',
    examples: ['status', 'status --verbose', 'status --json'],
    exits: { ...ofLooks, changesPending: 'something is not as it should be' },
  })
    .addOption(verbose('everything, not only what differs'))
    .addOption(answersFile())
    .addOption(setting())
    .action((options) =>
      begin('own-files', async (program) => await (await import('../commands/status.ts')).status(program, options)),
    );

/** `doctor`, and what stands below it. */
export const doctorCommand: Declaration = (begin) =>
  declared('doctor', {
    summary: 'what is wrong, why, and what to type; --fix does it',
    description:
      'Looks for everything that is known to go wrong, and says what is wrong, why, and what to type. --fix shows what it would do, asks, does it and looks again.',
    examples: ['doctor --fix', 'doctor --only model,engine', 'doctor --json'],
    exits: {
      ...ofChanges,
      stopped: 'something is broken, or could not be fixed',
      changesPending: 'with --fix --dry-run: fixes are pending',
    },
  })
    .addOption(new Option('--fix', 'fix what can be fixed, after asking'))
    .addOption(dryRun('with --fix: show it and change nothing'))
    .addOption(only('checks', checkIds))
    .addOption(skip('checks', checkIds))
    .addOption(yes())
    .addOption(verbose('with --fix: every command and difference'))
    .addOption(answersFile())
    .addOption(setting())
    .usage('[options]')
    .addCommand(whyCommand(begin))
    .addCommand(bundleCommand(begin))
    .action((options) =>
      begin(
        'machine',
        async (program) => await (await import('../commands/doctor/doctor.ts')).doctor(program, options),
      ),
    );

const checkIds = async () => (await import('../registry/checks.ts')).checks.map(({ id }) => id);

/** `doctor why` */
const whyCommand: Declaration = (begin) =>
  declared('why', {
    summary: 'where a routing variable gets its value',
    description: 'Everything that sets a routing variable, and what uses it; with a name, which line wins, and why.',
    examples: ['doctor why', 'doctor why ANTHROPIC_BASE_URL', 'doctor why model --json'],
    exits: ofLooks,
  })
    .addArgument(
      completing(
        new Argument('[NAME]', 'the variable'),
        'word',
        async () => (await import('../env-trace/watched-variables.ts')).knownVariables,
      ),
    )
    .action((name) =>
      begin('machine', async (program) => await (await import('../commands/doctor/why.ts')).why(program, name)),
    );

/** `doctor bundle` */
const bundleCommand: Declaration = (begin) =>
  declared('bundle', {
    summary: 'a report without secrets, to send to a helper',
    description:
      'Writes a report for somebody who helps you; only you can read the file. Keys, names, hosts and addresses are replaced, and it contains no conversation.',
    examples: ['doctor bundle', 'doctor bundle report.txt', 'doctor bundle --dry-run'],
    exits: { ...ofChanges, changesPending: 'with --dry-run: nothing was written' },
  })
    .argument('[FILE]', 'where to write it (default ~/claude-routing-report-DATE.txt)')
    .addOption(dryRun('print it, and write nothing'))
    .action((file, options) =>
      begin(
        'machine',
        async (program) => await (await import('../commands/doctor/bundle.ts')).bundle(program, file, options),
      ),
    );

/** `explain` */
export const explainCommand: Declaration = (begin) =>
  declared('explain', {
    summary: 'what the code of a problem means, and what to type',
    description:
      'Each problem has a code, which stays the same even when its wording changes. Says what a code means, its usual causes and what to type; without a code, lists them all.',
    examples: ['explain', 'explain port-taken', 'explain port-taken --json'],
    exits: {},
  })
    .addArgument(completing(new Argument('[CODE...]', 'as it stands under a problem, e.g. port-taken'), 'word', codes))
    .action((codes) =>
      begin('named-files', async (program) => (await import('../commands/explain.ts')).explain(program, codes)),
    );

const codes = async () => (await import('../commands/explain.ts')).allExplained().map(({ code }) => code);
