import { Argument } from '@commander-js/extra-typings';
import { type Declaration, declared, ofLooks } from '../../command-line/command.ts';
import { completing } from '../../command-line/completing.ts';

/** `doctor why` */
export const whyCommand: Declaration = (begin) =>
  declared('why', {
    summary: 'where a routing variable gets its value',
    description: 'Everything that sets a routing variable, and what uses it; with a name, which line wins, and why.',
    examples: ['doctor why', 'doctor why ANTHROPIC_BASE_URL', 'doctor why model --json'],
    exits: ofLooks,
  })
    .addArgument(
      completing(
        new Argument('[NAME]', 'the variable'),
        'word',
        async () => (await import('../../env-trace/watched-variables.ts')).knownVariables,
      ),
    )
    .action((name) =>
      begin('machine', async (program) => await (await import('../../commands/doctor/why.ts')).why(program, name)),
    );
