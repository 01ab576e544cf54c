import { Option } from '@commander-js/extra-typings';
import { type Declaration, declared, ofChanges } from '../command-line/command.ts';
import { dryRun, yes } from '../command-line/options.ts';

/** `prepare-host` */
export const prepareHostCommand: Declaration = (begin) =>
  declared('prepare-host', {
    summary: 'as root: packages, service user, linger, key',
    description:
      'The part for root: packages, the service user, linger, and the key that may log in. Or prints the same as a script, for another administrator to read and run.',
    examples: [
      'prepare-host --user claude --authorized-key key.pub',
      'prepare-host --user claude --dry-run',
      'prepare-host --print-script',
    ],
    exits: { ...ofChanges, changesPending: 'with --dry-run: changes are pending' },
  })
    .addOption(new Option('--user <NAME>', 'the service user (default claude)').default('claude'))
    .addOption(new Option('--authorized-key <FILE>', 'a public key that may log in as that user'))
    .addOption(new Option('--print-script', 'print it as a shell script, and do nothing'))
    .addOption(yes())
    .addOption(dryRun())
    .action((options) =>
      begin(
        options.printScript === true ? 'named-files' : 'machine',
        async (program) => await (await import('../commands/prepare-host.ts')).prepareHost(program, options),
      ),
    );
