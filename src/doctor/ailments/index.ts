import type { Ailment } from '../ailment.ts';
import { savedAnswers } from './answers.ts';
import { client } from './client.ts';
import { clock } from './clock.ts';
import { claudeApi, foundry, recentRefusals } from './cloud.ts';
import { disk } from './disk.ts';
import { drift } from './drift.ts';
import { dockerContext, engine } from './engine.ts';
import { gatewayRuns, modelNames, port, runningImage } from './gateway.ts';
import { discoverable, failoverThinking, gatewayConfig, guard, hook, requestLog } from './gateway-files.ts';
import { gatewayKey, secretsFile } from './keys.ts';
import { aliases, betas } from './launchers.ts';
import { containerNetwork, localServer, window } from './local-model.ts';
import { packageManager, packages } from './packages.ts';
import { searchPath, shadowed } from './search-path.ts';
import { lingering, sudo, userBus } from './session.ts';
import { effort, limits, otherSettings, routedSettings } from './settings.ts';
import { deprecatedModel, quieted, strayApiKey, strayRoute } from './variables.ts';

/** Everything that the doctor knows, causes before what they cause: --fix mends in this order. */
export const ailments: readonly Ailment[] = [
  savedAnswers,
  disk,
  clock,
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
  claudeApi,
  foundry,
  recentRefusals,
  drift,
];
