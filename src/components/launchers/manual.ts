import { secretVariables } from '../../config/secrets.ts';
import type { LauncherName, Layout } from '../../layout.ts';
import { item, manualPage, paragraph, section, typedLines } from '../../text/roff.ts';
import { allToolsSwitch } from './client-arguments.ts';
import { isAllLocal, type LauncherModels, launcherEnvironment, routeOf } from './environment.ts';
import { purposes } from './launchers.ts';

/** The manual's page of a launcher, as it is installed on this machine. */
export function launcherPage(name: LauncherName, layout: Layout, models: LauncherModels): string {
  const direct = name === 'claude-api';
  const key = direct ? secretVariables.anthropicKey : secretVariables.gatewayKey;
  const lean = !direct && isAllLocal(routeOf(name, models)) && (models.leanLocal ?? true);
  const variables = Object.entries(launcherEnvironment(name, layout, models));
  return manualPage(name, purposes[name], [
    section('SYNOPSIS', [typedLines([`${name} [ARGUMENTS OF claude]`])]),
    section('DESCRIPTION', [
      paragraph(purposes[name]),
      paragraph(
        'Takes every argument of claude, in any directory. Variables that would lead around this route are left out, and no repository and no settings file can change it.',
      ),
    ]),
    ...(lean
      ? [section('OPTIONS', [item(allToolsSwitch, 'offer all tools of Claude Code, not the core ones alone')])]
      : []),
    section('ENVIRONMENT', [
      paragraph('Set for Claude Code, whatever they were before:'),
      ...variables.map(([variable, value]) => item(variable, value)),
    ]),
    section('EXIT STATUS', [
      paragraph('That of claude, or:'),
      item('69', `there is no ${key} in ${layout.secretsFile}, or no Claude Code`),
    ]),
    section('SEE ALSO', [paragraph('claude-routing-install(1)')]),
  ]);
}
