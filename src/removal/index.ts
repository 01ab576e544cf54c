import { baseSystem } from './base-system.ts';
import { claudeCode } from './claude-code.ts';
import { folders } from './folders.ts';
import { gateway } from './gateway.ts';
import { launchers } from './launchers.ts';
import { packages } from './packages.ts';
import type { RemovalStep } from './removal.ts';
import { repositories } from './repositories.ts';
import { rootlessDocker } from './rootless-docker.ts';
import { secrets } from './secrets.ts';
import { sentinel } from './sentinel.ts';
import { serviceUser } from './service-user.ts';
import { stateStep } from './state.ts';
import { toolchain } from './toolchain.ts';

/** What is put on last is taken off first. */
const takingOff: readonly RemovalStep[] = [
  sentinel,
  launchers,
  gateway,
  claudeCode,
  toolchain,
  rootlessDocker,
  serviceUser,
  baseSystem,
  packages,
  repositories,
  secrets,
];

/** The order of an uninstallation; our own records and what was left empty come last. */
export const removalSteps: readonly RemovalStep[] = [...takingOff, stateStep(takingOff), folders];

/** Steps of the installation that leave nothing on this machine, and why there is nothing to take off. */
export const leavesNothing: Readonly<Record<string, string>> = {
  'local-model': 'it only loads a model on the LM Studio machine, which unloads it by itself',
  'cloud-backend': 'it only looks',
};
