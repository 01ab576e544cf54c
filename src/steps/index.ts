import type { InstallerStep } from '../context.ts';
import { baseSystem } from './base-system.ts';
import { claudeCode } from './claude-code.ts';
import { cloudBackend } from './cloud-backend.ts';
import { dockerEngine } from './docker-engine.ts';
import { gateway } from './gateway.ts';
import { launchers } from './launchers.ts';
import { localModel } from './local-model.ts';
import { proof } from './proof.ts';
import { rootlessDocker } from './rootless-docker.ts';
import { secrets } from './secrets.ts';
import { sentinel } from './sentinel.ts';
import { serviceUser } from './service-user.ts';
import { sshAccess } from './ssh-access.ts';
import { toolchain } from './toolchain.ts';

/** The order of the work. Steps do not know each other; what one needs from another it finds on the machine. */
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
