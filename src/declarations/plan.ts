import { type Declaration, declared, ofAnswers, ofLooks } from '../command-line/command.ts';
import { answersFile, askAll, dryRun, only, setting, skip, stepIds, verbose } from '../command-line/options.ts';

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
