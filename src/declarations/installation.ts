import { Argument, Option } from '@commander-js/extra-typings';
import { type Declaration, declared, ofAnswers, ofChanges, ofLooks } from '../command-line/command.ts';
import {
  answersFile,
  askAll,
  completing,
  dryRun,
  only,
  setting,
  skip,
  stepIds,
  verbose,
  yes,
} from '../command-line/options.ts';
import { partNames } from '../engine/part-decision.ts';
import { installWork } from './install-work.ts';

/** `install`, which is also meant when no command is named. */
export const installCommand: Declaration = (begin) =>
  declared('install', {
    summary: 'ask, show, confirm, do, prove (the default)',
    description:
      'Asks, shows what it would change, asks whether to go on, does it, and proves it with real requests. Run it again at any time: what is in place stays.',
    examples: ['install', '--yes --answers answers.yaml', '--set routing.profile=local-first'],
    exits: { ...ofChanges, ...ofAnswers, changesPending: 'with --dry-run: changes are pending' },
  })
    .addOption(answersFile())
    .addOption(yes())
    .addOption(setting())
    .addOption(askAll())
    .addOption(only('steps', stepIds))
    .addOption(skip('steps', stepIds))
    .addOption(dryRun('the same as plan'))
    .action((options) => {
      const { touches, run } = installWork(options);
      begin(touches, run);
    });

/** `plan` */
export const planCommand: Declaration = (begin) =>
  declared('plan', {
    summary: 'what install would change; changes nothing',
    description: 'What install would change, step by step. Changes nothing; exit code 2 says that changes are pending.',
    examples: ['plan', 'plan --verbose', 'plan --only gateway,launchers'],
    exits: { ...ofLooks, ...ofAnswers, changesPending: 'changes are pending' },
  })
    .addOption(answersFile())
    .addOption(setting())
    .addOption(askAll())
    .addOption(only('steps', stepIds))
    .addOption(skip('steps', stepIds))
    .addOption(verbose())
    .addOption(dryRun().hideHelp())
    .action((options) =>
      begin('machine', async (program) => await (await import('../commands/plan.ts')).plan(program, options)),
    );

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
