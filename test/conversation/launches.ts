import { mkdirSync, symlinkSync } from 'node:fs';
import { everythingTo, type Route } from '../../src/components/gateway/routing/profiles.ts';
import { launcherScript } from '../../src/components/launchers/launchers.ts';
import { layoutFor } from '../../src/layout.ts';
import { claudeBinary } from '../gateway/litellm-program.ts';
import type { Scene } from '../gateway/scene.ts';
import { put } from '../render/scratch.ts';
import type { Launch } from './claude-session.ts';

export const localOnly = everythingTo('local-only', true);
export const withFailover = everythingTo('local', false);

export interface OurLaunch {
  /** Tokens that were loaded when it was installed. */
  readonly contextWindow: number;
  readonly route?: Route;
  /** `core` is what the launcher offers unless it is told otherwise. */
  readonly tools?: 'core' | 'all';
  /** The launcher's text before it is started. */
  readonly change?: (script: string) => string;
}

/** The shipped claude-local, installed with a home of its own. */
export async function ourLaunch(scene: Scene, home: string, options: OurLaunch): Promise<Launch> {
  const { contextWindow, route = localOnly, tools = 'core', change = (script) => script } = options;
  const layout = layoutFor({ user: 'anna', uid: 1234, home });
  put(layout.secretsFile, `LITELLM_MASTER_KEY=${scene.gateway.key}\n`, 0o600);
  mkdirSync(layout.binDir, { recursive: true });
  symlinkSync(await claudeBinary(), layout.claudeBinary);
  const program = layout.launchers['claude-local'];
  const script = launcherScript('claude-local', layout, { routed: route, local: route, contextWindow });
  put(program, change(script), 0o755);
  return { program, args: tools === 'all' ? ['--all-tools'] : [], environment: {}, home };
}

/** What somebody does who loads the model anew with another context length. */
export function loadAnew(scene: Scene, contextLength: number): void {
  for (const model of scene.lmStudio.settings.models) {
    model.loaded_instances = model.loaded_instances.map((instance) => ({
      ...instance,
      config: { ...instance.config, context_length: contextLength },
    }));
  }
}
