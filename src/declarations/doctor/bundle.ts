import { type Declaration, declared, ofChanges } from '../../command-line/command.ts';
import { dryRun } from '../../command-line/options.ts';

/** `doctor bundle` */
export const bundleCommand: Declaration = (begin) =>
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
        async (program) => await (await import('../../commands/doctor/bundle.ts')).bundle(program, file, options),
      ),
    );
