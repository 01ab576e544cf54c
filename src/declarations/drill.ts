import { type Declaration, declared, ofAnswers, ofChanges } from '../command-line/command.ts';
import { answersFile, setting, yes } from '../command-line/options.ts';

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
