import { Argument, Option } from '@commander-js/extra-typings';
import { type Begin, type Declaration, declared, group, ofAnswers, ofChanges } from '../command-line/command.ts';
import { completing } from '../command-line/completing.ts';
import { answersFile, setting, yes } from '../command-line/options.ts';
import type { SecretsVerb } from '../commands/secrets.ts';
import { secretVariables } from '../config/secrets.ts';

/** `secrets set` and `secrets rotate` */
export const secretsCommand: Declaration = (begin) =>
  group('secrets', 'Gives a key a new value.')
    .addCommand(newValueCommand('set', 'give a key a new value, which is tried and proven', begin))
    .addCommand(newValueCommand('rotate', "the same; the gateway's own key is made for you", begin));

const variables = Object.values(secretVariables);

function newValueCommand(verb: SecretsVerb, summary: string, begin: Begin) {
  return declared(verb, {
    summary,
    description: `Asks for the new value${verb === 'rotate' ? ' (LITELLM_MASTER_KEY is made for you)' : ''}, or reads it from where --from says. It is tried first; then the container is created again, everything is proven, and the former value is removed from the backups, too.`,
    examples: [
      `secrets ${verb} ANTHROPIC_DIRECT_KEY`,
      `secrets ${verb} ANTHROPIC_DIRECT_KEY --from env:NEW_KEY`,
      `secrets ${verb} LM_STUDIO_API_KEY --from file:/run/secrets/token --yes`,
    ],
    exits: { ...ofChanges, ...ofAnswers },
  })
    .addArgument(completing(new Argument('<NAME>', variables.join(', ')), 'word', async () => variables))
    .addOption(new Option('--from <PLACE>', 'env:NAME, file:/path, or - for standard input'))
    .addOption(yes())
    .addOption(answersFile())
    .addOption(setting())
    .action((name, options) =>
      begin(
        'machine',
        async (program) => await (await import('../commands/secrets.ts')).secrets(program, verb, name, options),
      ),
    );
}
