import { type Declaration, declared, ofLooks } from '../command-line/command.ts';
import { answersFile, setting, verbose } from '../command-line/options.ts';

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
