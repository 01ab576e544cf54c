import template from '../../../templates/launchers/status-line.bash?raw';
import { type Answers, hasCeiling, localAddresses } from '../../config/schema.ts';
import type { Context, InstallerStep } from '../../context.ts';
import type { Probe } from '../../host/host.ts';
import { type LauncherName, type Layout, type ShellName, shellNames } from '../../layout.ts';
import { success } from '../../problem.ts';
import type { EditedText, Resource } from '../../resources/resource.ts';
import { shellWord } from '../../shell/word.ts';
import { filledWith, isOwnText } from '../../text/template.ts';
import { localRoute, profileOf, profileWords, routedRoute } from '../gateway/routing/profiles.ts';
import { ruledDirectories } from '../gateway/routing/rules.ts';
import type { LauncherModels } from './environment.ts';
import { handbookFiles } from './handbook-files.ts';
import { launcherScript, launchersFor } from './launchers.ts';
import { mergeRoutedSettings } from './settings.ts';
import { shellFiles } from './start-up-files/files.ts';
import { reachesShells } from './start-up-files/reach.ts';
import { openNewShell } from './start-up-files/shell-environment.ts';
import { findShells } from './start-up-files/shells.ts';

export const launchers: InstallerStep = {
  id: 'launchers',
  title: 'launchers',
  guidePhase: 'phase 10',
  why: 'The commands that start Claude Code on the route you choose, each with its route pinned so that no cloned repository can change it.',
  resources: async (context, probe) => [
    ...launchersFor(context.answers).map(
      (name): Resource => ({
        kind: 'file',
        id: `launcher:${name}`,
        title: name,
        path: context.layout.launchers[name],
        content: launcherScript(name, context.layout, launcherModels(context)),
        mode: 0o755,
      }),
    ),
    statusLine(context),
    routedSettings(context),
    ...(await firstStart(context.layout, probe)),
    ...(await shellFiles(context, probe)),
    ...handbookFiles(context, await usedShells(context, probe)),
  ],
  proofs: [reachesShells],
  advice: ({ answers }) => [
    openNewShell,
    ...launchersFor(answers).map((name) => `  ${name.padEnd(16)}${purpose(name, answers)}`),
    `  ${'claude'.padEnd(16)}your subscription, untouched`,
    trustIsAsked,
  ],
};

const trustIsAsked =
  'Start them in a project folder: Claude Code asks once whether you trust it, in your home folder each time.';

function purpose(name: LauncherName, answers: Answers): string {
  const purposes: Readonly<Record<LauncherName, string>> = {
    'claude-routed': profileWords[profileOf(answers)].label,
    'claude-local': 'the local model',
    'claude-offline': 'the local model, never the cloud',
    'claude-api': 'the Claude API directly, no gateway',
  };
  return purposes[name];
}

async function usedShells({ layout }: Context, probe: Probe): Promise<readonly ShellName[]> {
  const found = await findShells(probe, layout);
  return shellNames.filter((name) => name === 'bash' || found[name] !== undefined);
}

/** What the launchers have to know of the gateway. */
function launcherModels({ answers }: Context): LauncherModels {
  const { model = '', contextWindow } = answers.localModel;
  return {
    routed: routedRoute(answers),
    local: localRoute(answers),
    contextWindow,
    server: { addresses: localAddresses(answers.localModel), model },
    leanLocal: answers.launchers.leanLocal,
    sentinel: answers.launchers.sentinel,
    ceiling: hasCeiling(answers),
    directories: ruledDirectories(answers),
    sealed: answers.routing.sealed,
  };
}

function routedSettings({ answers, layout }: Context): Resource {
  const { statusLine: wanted } = answers.launchers;
  return {
    kind: 'file',
    id: 'routed-settings',
    path: layout.routedSettings,
    content: (current): EditedText => {
      const result = mergeRoutedSettings(current, { script: layout.statusLine, wanted });
      if (!result.ok) return result;
      const merged = result.value;
      const notes = [
        ...merged.removed.map((name) => `env.${name} is removed: it would lead requests past the gateway`),
        ...(merged.statusLine === 'foreign' ? ['your own status line stays; ours is not put in its place'] : []),
      ];
      return success({ text: merged.text, ...(notes.length === 0 ? {} : { notes }) });
    },
    mode: 0o600,
    keepMode: true,
    directoryMode: 0o700,
  };
}

/** Removed when it is no longer chosen. */
function statusLine({ answers, layout }: Context): Resource {
  const { launchers, localModel } = answers;
  return {
    kind: 'file',
    id: 'status-line',
    path: layout.statusLine,
    content: launchers.statusLine ? statusLineScript(layout, localModel.model) : undefined,
    isOurs: isOwnText,
    mode: 0o755,
    directoryMode: 0o700,
  };
}

/**
 * The program behind Claude Code's status line: it says which backend answered last in the session at hand, from the
 * gateway's request log. `model` is the local model's id, of which the last part is shown.
 */
export function statusLineScript({ requestLogDir }: Layout, model: string | undefined): string {
  return filledWith(template, {
    requests: shellWord(requestLogDir),
    model: shellWord(model?.split('/').at(-1) ?? 'local model'),
  });
}

/**
 * What the client 2.1.332 keeps when its first screens are over, a choice of colours and two remarks on safety; seen, not
 * documented. Nothing about trust: the client asks about that for each folder, and what it is told about the home folder it
 * deliberately forgets, because it takes every folder below a trusted one for trusted, a cloned repository too.
 */
export const pastFirstScreens = '{\n  "hasCompletedOnboarding": true\n}\n';

/** The client's own state of the routed sessions, only as long as there is none: what the client has made is left alone. */
export async function firstStart({ routedState }: Layout, probe: Probe): Promise<readonly Resource[]> {
  if ((await probe.stat(routedState)) !== undefined) return [];
  const notes = ['its screens about colours and safety are skipped; the one about trust stays'];
  return [
    {
      kind: 'file',
      id: 'first-start',
      title: 'first start of Claude Code',
      path: routedState,
      content: (current) => success({ text: current ?? pastFirstScreens, ...(current === undefined ? { notes } : {}) }),
      mode: 0o600,
      keepMode: true,
      directoryMode: 0o700,
    },
  ];
}
