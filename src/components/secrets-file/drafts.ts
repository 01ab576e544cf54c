import type { Layout } from '../../layout.ts';
import { clearedDrafts } from '../../resources/drafts.ts';
import type { ScriptResource } from '../../resources/resource.ts';
import { gatewayModules, modulePath } from '../gateway/modules.ts';

/**
 * Texts that a run had written beside their place when it was ended: half a configuration, or all of the keys.
 * The journal says where something was being written (`earlierWrites`); without it these are the places.
 */
export function draftsGone(layout: Layout, earlierWrites: readonly string[]): ScriptResource {
  const { home, backupsDir, lockFile } = layout;
  return clearedDrafts({ home, backupsDir, lockFile, written: [...ownPaths(layout), ...earlierWrites] });
}

function ownPaths(layout: Layout): readonly string[] {
  const { savedAnswers, shellEnvironment, bashrc, zsh, fish, secretsFile, gatewayConfig, composeFile } = layout;
  const { routedSettings, statusLine, sentinelScript, sentinelService, sentinelTimer, sentinelState } = layout;
  return [
    ...[savedAnswers, secretsFile, shellEnvironment, bashrc, zsh.environment, zsh.start, fish.environment, fish.start],
    ...[gatewayConfig, composeFile, ...gatewayModules.map((module) => modulePath(layout, module))],
    ...[routedSettings, statusLine, ...Object.values(layout.launchers)],
    ...[sentinelScript, sentinelService, sentinelTimer, sentinelState],
    ...[layout.proofStamp, layout.answersSoFar, `${layout.stateDir}/before.json`],
  ];
}
