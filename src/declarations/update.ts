import { Argument, Option } from '@commander-js/extra-typings';
import { type Declaration, declared, ofAnswers, ofChanges } from '../command-line/command.ts';
import { completing } from '../command-line/completing.ts';
import { answersFile, dryRun, setting, yes } from '../command-line/options.ts';
import { partNames } from '../engine/part-decision.ts';

/** `update` */
export const updateCommand: Declaration = (begin) =>
  declared('update', {
    summary: `${partNames.join(', ')}: newer releases, tried first; back to the old one if they fail`,
    description:
      'Updates what has a newer release. Each part is tried before it is kept, and one that fails goes back to its former version. Without a part, all of them.',
    examples: ['update --check', 'update gateway', 'update claude-code mise --yes'],
    exits: {
      ...ofChanges,
      ...ofAnswers,
      stopped: 'a part could not be checked, or is back at its former version',
      changesPending: 'with --check: something is newer',
    },
  })
    .addArgument(completing(new Argument('[PART...]', partNames.join(', ')), 'word', async () => partNames))
    .addOption(new Option('--check', 'only look: exit code 2 says that something is newer'))
    .addOption(dryRun('the same as --check'))
    .addOption(new Option('--image <REF>', 'the gateway image to move to, as REPOSITORY:TAG@sha256:…'))
    .addOption(yes())
    .addOption(answersFile())
    .addOption(setting())
    .action((parts, options) =>
      begin(
        'machine',
        async (program) => await (await import('../commands/update.ts')).update(program, parts, options),
      ),
    );
