import { Argument } from '@commander-js/extra-typings';
import { type Declaration, declared, ofAnswers, ofChanges } from '../command-line/command.ts';
import { completing } from '../command-line/completing.ts';
import { dryRun, setting, yes } from '../command-line/options.ts';

/** `use` */
export const useCommand: Declaration = (begin) =>
  declared('use', {
    summary: 'another profile: what goes to the cloud and what stays local',
    description:
      'Changes what goes where in claude-routed. Shows what that changes, asks, does it, and proves it with real requests. Without a profile, lists them and marks the one in use.',
    examples: ['use', 'use local-first', 'use offline --yes'],
    exits: { ...ofChanges, ...ofAnswers, changesPending: 'with --dry-run: something would change' },
  })
    .addArgument(completing(new Argument('[PROFILE]', 'its name; without it they are listed'), 'word', profileNames))
    .addOption(yes())
    .addOption(dryRun())
    .addOption(setting())
    .action((profile, options) =>
      begin('machine', async (program) => await (await import('../commands/use.ts')).use(program, profile, options)),
    );

const profileNames = async () => (await import('../config/schema.ts')).profiles;
