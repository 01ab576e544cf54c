import { Argument } from '@commander-js/extra-typings';
import { type Declaration, declared } from '../command-line/command.ts';
import { completing } from '../command-line/completing.ts';

/** `explain` */
export const explainCommand: Declaration = (begin) =>
  declared('explain', {
    summary: 'what the code of a problem means, and what to type',
    description:
      'Each problem has a code, which stays the same even when its wording changes. Says what a code means, its usual causes and what to type; without a code, lists them all.',
    examples: ['explain', 'explain port-taken', 'explain port-taken --json'],
    exits: {},
  })
    .addArgument(completing(new Argument('[CODE...]', 'as it stands under a problem, e.g. port-taken'), 'word', codes))
    .action((codes) =>
      begin('named-files', async (program) => (await import('../commands/explain.ts')).explain(program, codes)),
    );

const codes = async () => (await import('../commands/explain.ts')).allExplained().map(({ code }) => code);
