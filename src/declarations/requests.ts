import { Argument, Option } from '@commander-js/extra-typings';
import {
  type Begin,
  type Declaration,
  declared,
  group,
  ofAnswers,
  ofChanges,
  ofLooks,
} from '../command-line/command.ts';
import { answersFile, completing, dryRun, setting, yes } from '../command-line/options.ts';
import { wrongUse } from '../command-line/usage-problems.ts';
import { usualDays } from '../usage/usage.ts';

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

/** `drill` */
export const drillCommand: Declaration = (begin) =>
  declared('drill', {
    summary: 'prove it: real requests, and every failover case',
    description:
      'Proves with real requests what was promised, and every failover case in a second gateway that is thrown away. First says what it will send, and what that costs.',
    examples: ['drill', 'drill --yes', 'drill --yes --json'],
    exits: { ...ofChanges, ...ofAnswers, stopped: 'something that was promised does not hold' },
  })
    .addOption(yes())
    .addOption(answersFile())
    .addOption(setting())
    .action(() => begin('machine', async (program) => await (await import('../commands/drill.ts')).drill(program)));

/** `usage` */
export const usageCommand: Declaration = (begin) =>
  declared('usage', {
    summary: 'requests and tokens by backend, and every failover',
    description:
      'Requests and tokens by backend, launcher and day, and every failover with its cause. Reads the request log only.',
    examples: ['usage', 'usage --days 30', 'usage --days 1 --json'],
    exits: ofLooks,
  })
    .addOption(days())
    .action((options) =>
      begin('own-files', async (program) => await (await import('../commands/usage.ts')).usage(program, options)),
    );

/** `--days` */
const days = () =>
  new Option('--days <N>', `how many days back (default ${usualDays})`).argParser(wholeDays).default(usualDays);

function wholeDays(typed: string): number {
  if (/^[1-9]\d{0,3}$/.test(typed)) return Number(typed);
  throw wrongUse({
    code: 'option-value-wrong',
    problem: `--days ${typed} is not a number of days`,
    fix: 'a whole number, e.g.  --days 30',
  });
}

/** `watch`, and what stands below it. */
export const watchCommand: Declaration = (begin) =>
  declared('watch', {
    summary: 'requests as they finish, the gateway’s state, and what today has cost',
    description:
      'Requests as they finish: who answered, how long it took, tokens and dollars, and why somebody else answered. A live screen on a terminal, one line per request elsewhere. Reads the request log, and asks the gateway whether it is up.',
    examples: ['watch', 'watch --once', 'watch --json'],
    exits: ofLooks,
  })
    .option('--once', 'show it once, and end')
    .usage('[options]')
    .addCommand(pageCommand(begin))
    .action((options) =>
      begin('own-files', async (program) => await (await import('../commands/watch/watch.ts')).watch(program, options)),
    );

/** `watch page` */
const pageCommand: Declaration = (begin) =>
  declared('page', {
    summary: 'the same in a browser, with the last 30 days as plots',
    description:
      'What watch shows and the last 30 days as plots, on a page that this program serves on 127.0.0.1 until Ctrl-C. Prints its address, which nobody can guess, and what to type to open it on your own machine.',
    examples: ['watch page', 'watch page --port 8600', 'watch page --json'],
    exits: ofLooks,
  })
    .addOption(
      new Option('--port <N>', 'a port of your choice, the same each time (default: a free one)').argParser(
        unprivilegedPort,
      ),
    )
    .action((options) =>
      begin('own-files', async (program) => await (await import('../commands/watch/page.ts')).page(program, options)),
    );

function unprivilegedPort(typed: string): number {
  const port = /^[1-9]\d{3,4}$/.test(typed) ? Number(typed) : 0;
  if (port >= 1024 && port <= 65_535) return port;
  throw wrongUse({
    code: 'option-value-wrong',
    problem: `--port ${typed} is not a port from 1024 to 65535`,
    fix: 'for example  --port 8600',
  });
}

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
        async (program) => await (await import('../commands/routing.ts')).explainRouting(program, options),
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
        async (program) => await (await import('../commands/routing.ts')).simulateRouting(program, options),
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
