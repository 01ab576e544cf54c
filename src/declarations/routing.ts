import { Option } from '@commander-js/extra-typings';
import { type Begin, type Declaration, declared, group, ofAnswers, ofLooks } from '../command-line/command.ts';
import { completing } from '../command-line/completing.ts';
import { answersFile, setting } from '../command-line/options.ts';
import { wrongUse } from '../command-line/usage-problems.ts';
import { days } from './usage.ts';

/** `routing explain` and `routing simulate` */
export const routingCommand: Declaration = (begin) =>
  group('routing', 'Your own rules: which model answers what.')
    .addCommand(explaining(begin))
    .addCommand(simulating(begin));

function explaining(begin: Begin) {
  return declared('explain', {
    summary: 'your rules in words, and which one a request fits',
    description:
      'Your rules in order, in words. With any of the options, which of them fits the request that these describe, and why the ones before it do not.',
    examples: [
      'routing explain',
      'routing explain --kind subagent --agent Explore',
      'routing explain --directory ~/clients/private --size 80000',
    ],
    exits: { ...ofLooks, ...ofAnswers },
  })
    .addOption(completing(new Option('--kind <A,B>', 'its kind, or several').argParser(listed), 'list', kinds))
    .addOption(new Option('--agent <NAME>', 'the subagent that sends it'))
    .addOption(
      new Option('--size <TOKENS>', 'how large it is (default 35000, like a first request)').argParser(wholeTokens),
    )
    .addOption(completing(new Option('--launcher <NAME>', 'who sends it (default claude-routed)'), 'word', launchers))
    .addOption(new Option('--directory <PATH>', 'where its session started (default: here)'))
    .addOption(new Option('--model <NAME>', 'which model it asks for (default: what the profile says)'))
    .addOption(answersFile())
    .addOption(setting())
    .action((options) =>
      begin(
        'own-files',
        async (program) => await (await import('../commands/routing/explain.ts')).explainRouting(program, options),
      ),
    );
}

function simulating(begin: Begin) {
  return declared('simulate', {
    summary: 'what other rules would have done in the last days',
    description:
      'Takes the requests of the last days from the log and says what the rules of another answers file would have done with them: requests, tokens and dollars by backend, and what would not have fitted the local window. Sends nothing anywhere, except that it asks the gateway for its price list.',
    examples: [
      'routing simulate --answers other.yaml',
      'routing simulate --answers other.yaml --days 30',
      'routing simulate --set routing.rules=[]',
    ],
    exits: { ...ofLooks, ...ofAnswers },
  })
    .addOption(days())
    .addOption(answersFile())
    .addOption(setting())
    .action((options) =>
      begin(
        'own-files',
        async (program) => await (await import('../commands/routing/simulate.ts')).simulateRouting(program, options),
      ),
    );
}

const kinds = async () => (await import('../config/rules.ts')).requestKinds;
const launchers = async () => (await import('../layout.ts')).launcherNames;

function listed(word: string, before: readonly string[] = []): readonly string[] {
  return [...before, ...word.split(',').filter((part) => part !== '')];
}

function wholeTokens(typed: string): number {
  if (/^\d{1,9}$/.test(typed)) return Number(typed);
  throw wrongUse({
    code: 'option-value-wrong',
    problem: `--size ${typed} is not a number of tokens`,
    fix: 'a whole number, e.g.  --size 80000',
  });
}
