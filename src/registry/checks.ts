import type { Check } from '../checks/check.ts';
import { packageManager, packages } from '../components/base-system/checks.ts';
import { client } from '../components/claude-code/checks.ts';
import { claudeApi, foundry, recentRefusals } from '../components/cloud/checks.ts';
import { gatewayKey, secretsFile } from '../components/cloud/key-checks.ts';
import { dockerContext, engine } from '../components/docker/checks.ts';
import { gatewayRuns, modelNames, port, restarts, runningImage } from '../components/gateway/checks.ts';
import {
  discoverable,
  failoverThinking,
  gatewayConfig,
  guard,
  hook,
  requestLog,
} from '../components/gateway/file-checks.ts';
import { sealed } from '../components/gateway/routing/sealed.ts';
import { ceiling } from '../components/gateway/spending.ts';
import { wake } from '../components/gateway/wake.ts';
import { aliases, betas, home } from '../components/launchers/checks.ts';
import { searchPath, shadowed } from '../components/launchers/path-checks.ts';
import { containerNetwork, localServer, window } from '../components/lm-studio/checks.ts';
import { savedAnswers } from '../components/machine/answers-checks.ts';
import { clock } from '../components/machine/clock-checks.ts';
import { disk } from '../components/machine/disk-checks.ts';
import { lingering, sudo, userBus } from '../components/machine/session-checks.ts';
import { deprecatedModel, quieted, strayApiKey, strayRoute } from '../env-trace/checks.ts';
import { effort, limits, otherSettings, routedSettings } from '../env-trace/settings-checks.ts';
import { drift } from './drift-check.ts';

/** Everything that the doctor knows, causes before what they cause: --fix fixes in this order. */
export const checks: readonly Check[] = [
  savedAnswers,
  disk,
  clock,
  home,
  searchPath,
  sudo,
  packageManager,
  packages,
  lingering,
  userBus,
  engine,
  dockerContext,
  secretsFile,
  gatewayKey,
  strayApiKey,
  strayRoute,
  deprecatedModel,
  quieted,
  routedSettings,
  otherSettings,
  limits,
  effort,
  aliases,
  shadowed,
  betas,
  client,
  port,
  gatewayRuns,
  restarts,
  gatewayConfig,
  hook,
  guard,
  runningImage,
  requestLog,
  modelNames,
  discoverable,
  failoverThinking,
  localServer,
  window,
  containerNetwork,
  wake,
  claudeApi,
  foundry,
  recentRefusals,
  ceiling,
  sealed,
  drift,
];
