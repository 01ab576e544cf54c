import { Option } from '@commander-js/extra-typings';
import { type Declaration, declared, ofChanges } from '../command-line/command.ts';
import { dryRun, yes } from '../command-line/options.ts';

/** `uninstall` */
export const uninstallCommand: Declaration = (begin) =>
  declared('uninstall', {
    summary: 'remove everything again; --purge also packages, images and keys',
    description:
      'Removes everything that was installed, last things first, and puts back what was there before. What stays is named, with the command that would remove it.',
    examples: ['uninstall --dry-run', 'uninstall', 'uninstall --purge --yes'],
    exits: { ...ofChanges, changesPending: 'with --dry-run: something would go' },
  })
    .addOption(new Option('--purge', 'also packages, images, keys and backups'))
    .addOption(dryRun('what would go, what would come back, what stays and why'))
    .addOption(yes())
    .action((options) =>
      begin('machine', async (program) => await (await import('../commands/uninstall.ts')).uninstall(program, options)),
    );
