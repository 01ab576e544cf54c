import type { LauncherName, Layout } from '../layout.ts';
import { type LauncherModels, launcherEnvironment } from './launcher-environment.ts';

/** The environment of a launcher as a settings file; holds no key. The launchers do not need it: their route is pinned by a variable. */
export function pinnedSettings(name: LauncherName, layout: Layout, models: LauncherModels): string {
  return `${JSON.stringify({ env: launcherEnvironment(name, layout, models) }, undefined, 2)}\n`;
}
