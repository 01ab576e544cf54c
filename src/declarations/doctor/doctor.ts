import { Option } from '@commander-js/extra-typings';
import { type Declaration, declared, ofChanges } from '../../command-line/command.ts';
import { answersFile, dryRun, only, setting, skip, verbose, yes } from '../../command-line/options.ts';
import { bundleCommand } from './bundle.ts';
import { whyCommand } from './why.ts';

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
        async (program) => await (await import('../../commands/doctor/doctor.ts')).doctor(program, options),
      ),
    );

const checkIds = async () => (await import('../../registry/checks.ts')).checks.map(({ id }) => id);
