import { serviceUser } from '../components/base-system/service-user.ts';
import { sshAccess } from '../components/base-system/ssh-access.ts';
import { baseSystem } from '../components/base-system/step.ts';
import { claudeCode } from '../components/claude-code/step.ts';
import { cloudBackend } from '../components/cloud/step.ts';
import { rootlessDocker } from '../components/docker/rootless-step.ts';
import { dockerEngine } from '../components/docker/step.ts';
import { gateway } from '../components/gateway/step.ts';
import { launchers } from '../components/launchers/step.ts';
import { localModel } from '../components/lm-studio/step.ts';
import { proof } from '../components/proof/step.ts';
import { secrets } from '../components/secrets-file/step.ts';
import { sentinel } from '../components/sentinel/step.ts';
import { toolchain } from '../components/toolchain/step.ts';
import type { InstallerStep } from '../context.ts';

/** The order of the work. Steps do not know each other; what one needs from another, it finds on the machine. */
export const steps: readonly InstallerStep[] = [
  secrets,
  baseSystem,
  serviceUser,
  sshAccess,
  localModel,
  cloudBackend,
  dockerEngine,
  rootlessDocker,
  toolchain,
  claudeCode,
  gateway,
  launchers,
  sentinel,
  proof,
];
