import { Argument } from '@commander-js/extra-typings';
import { type Declaration, declared, ofChanges } from '../command-line/command.ts';
import { completing } from '../command-line/completing.ts';
import { dryRun, yes } from '../command-line/options.ts';

/** `restore` */
export const restoreCommand: Declaration = (begin) =>
  declared('restore', {
    summary: 'the backups of earlier runs; puts one back',
    description:
      'Lists the runs that kept backups of what they replaced, newest first; with a run, shows the differences, asks, and puts its files back. What that replaces is backed up in turn.',
    examples: ['restore', 'restore last --dry-run', 'restore last ~/.bashrc'],
    exits: { ...ofChanges, changesPending: 'with --dry-run: something would be put back' },
  })
    .addArgument(completing(new Argument('[RUN]', 'its name, or last'), 'word', async () => ['last']))
    .argument('[FILE...]', 'these files only')
    .addOption(dryRun())
    .addOption(yes())
    .action((run, files, options) =>
      begin(
        'machine',
        async (program) => await (await import('../commands/restore.ts')).restore(program, run, files, options),
      ),
    );
