import { baseSystem } from '../components/base-system/remove.ts';
import { packages, repositories } from '../components/base-system/remove-packages.ts';
import { serviceUserRemoval } from '../components/base-system/service-user.ts';
import { claudeCode } from '../components/claude-code/remove.ts';
import { rootlessDocker } from '../components/docker/remove.ts';
import { gateway } from '../components/gateway/remove.ts';
import { launchers } from '../components/launchers/remove.ts';
import { secrets } from '../components/secrets-file/remove.ts';
import { sentinel } from '../components/sentinel/remove.ts';
import { toolchain } from '../components/toolchain/remove.ts';
import type { RemovalStep } from '../uninstall/removal.ts';
import { folders, stateStep } from '../uninstall/state.ts';

/** What was installed last is removed first. */
const takingOff: readonly RemovalStep[] = [
  sentinel,
  launchers,
  gateway,
  claudeCode,
  toolchain,
  rootlessDocker,
  serviceUserRemoval,
  baseSystem,
  packages,
  repositories,
  secrets,
];

/** The order of an uninstallation; our own records and what was left empty come last. */
export const removalSteps: readonly RemovalStep[] = [...takingOff, stateStep(takingOff), folders];
