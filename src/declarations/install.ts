import { type Declaration, declared, ofAnswers, ofChanges } from '../command-line/command.ts';
import { answersFile, askAll, dryRun, only, setting, skip, stepIds, yes } from '../command-line/options.ts';
import { installWork } from './install-work.ts';

/** `install`, which is also meant where no command is named. */
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
