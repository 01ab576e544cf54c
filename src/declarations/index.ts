import type { Declaration } from '../command-line/command.ts';
import { answersCommand, completionCommand, secretsCommand } from './answers.ts';
import {
  installCommand,
  planCommand,
  prepareHostCommand,
  restoreCommand,
  uninstallCommand,
  updateCommand,
} from './installation.ts';
import { doctorCommand, explainCommand, statusCommand } from './looks.ts';
import { drillCommand, routingCommand, usageCommand, useCommand, watchCommand } from './requests.ts';

/** Every command, in the order of --help. The first one is meant when none is named. */
export const declarations: readonly Declaration[] = [
  installCommand,
  planCommand,
  statusCommand,
  doctorCommand,
  useCommand,
  drillCommand,
  usageCommand,
  watchCommand,
  routingCommand,
  explainCommand,
  updateCommand,
  secretsCommand,
  restoreCommand,
  uninstallCommand,
  answersCommand,
  prepareHostCommand,
  completionCommand,
];
