import type { Declaration } from '../command-line/command.ts';
import { answersCommand } from './answers.ts';
import { completionCommand } from './completion.ts';
import { doctorCommand } from './doctor/doctor.ts';
import { drillCommand } from './drill.ts';
import { explainCommand } from './explain.ts';
import { installCommand } from './install.ts';
import { planCommand } from './plan.ts';
import { prepareHostCommand } from './prepare-host.ts';
import { restoreCommand } from './restore.ts';
import { routingCommand } from './routing.ts';
import { secretsCommand } from './secrets.ts';
import { statusCommand } from './status.ts';
import { uninstallCommand } from './uninstall.ts';
import { updateCommand } from './update.ts';
import { usageCommand } from './usage.ts';
import { useCommand } from './use.ts';
import { watchCommand } from './watch/watch.ts';

/** Every command, in the order of --help. The first one is meant where none is named. */
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
