import { byId, type Check, type CheckFinding, evidenceOf, type Finding } from '../checks/check.ts';
import type { Precedence, UnreadablePlace, VariableSource } from '../checks/variable-source.ts';
import { versionOf } from '../components/cloud/anthropic.ts';
import { mainModel } from '../components/gateway/models.ts';
import { isRoutingVariable, limitVariables } from '../components/launchers/routing-variables.ts';
import { launchers } from '../components/launchers/step.ts';
import { success } from '../problem.ts';
import type { EditedText, Resource } from '../resources/resource.ts';
import { shellWord } from '../shell/word.ts';
import { given } from '../text/json.ts';

/** Row "Requests bypass gateway" of the guide. */
export const routedSettings: Check = {
  id: 'routed-settings',
  about: 'no env block in the routed mode’s settings',
  on: 'installation',
  look: async ({ probe, layout, installed, places }) => {
    const found = (await places()).places.filter(
      (place) =>
        place.layer === 'user-settings' &&
        place.setting !== true &&
        place.configDir === layout.routedConfigDir &&
        isRoutingVariable(place.name),
    );
    if (found.length === 0) return [];
    return [
      {
        symptom: 'Requests bypass the gateway; /status shows the host of the cloud',
        code: 'route-variable-set',
        problem: 'the routed mode’s settings set routing variables themselves',
        evidence: found.map(evidenceOf),
        fixWith: byId(await launchers.resources(installed, probe), 'routed-settings'),
      },
    ];
  },
};

/** Settings files that are not ours: they are named, never edited. */
export const otherSettings: Check = {
  id: 'settings',
  about: 'no env block in managed, personal and project settings',
  on: 'installation',
  look: async ({ layout, places }) => {
    const { places: found, unreadable } = await places();
    return [
      ...settingsOfOthers(found, [layout.routedConfigDir, layout.apiConfigDir]),
      ...keyHelpers(found),
      ...unreadable.map(unreadableFile),
    ];
  },
};

function unreadableFile({ path, line, code, problem, fix }: UnreadablePlace): CheckFinding {
  return {
    code,
    symptom: 'A file that can change the route could not be checked',
    problem,
    evidence: [{ path, ...given({ line }), text: 'cannot be read' }],
    severity: 'note',
    fix,
  };
}

/** What each layer of settings means for whom. */
const meaning: Readonly<
  Partial<Record<Precedence, { readonly problem: string; readonly severity: Finding['severity'] }>>
> = {
  'managed-settings': {
    problem: 'the settings of this machine set a routing variable, for everyone and in every mode',
    severity: 'broken',
  },
  'user-settings': {
    problem:
      'your own settings set a routing variable: a plain "claude" goes where it says, and no longer to your subscription',
    severity: 'broken',
  },
  'client-state': {
    problem: 'Claude Code’s own notes set a routing variable: a plain "claude" obeys it',
    severity: 'broken',
  },
  'project-settings': {
    problem: 'this project’s settings change the route; the launchers ignore that, a plain "claude" obeys it',
    severity: 'note',
  },
  'local-settings': {
    problem: 'this project’s settings change the route; the launchers ignore that, a plain "claude" obeys it',
    severity: 'note',
  },
};

/** Variables of the route in settings files outside `ownDirs`, one finding a file. */
export function settingsOfOthers(
  places: readonly VariableSource[],
  ownDirs: readonly string[],
): readonly CheckFinding[] {
  const found = places.filter(
    ({ name, layer, configDir, setting }) =>
      meaning[layer] !== undefined &&
      setting !== true &&
      isRoutingVariable(name) &&
      !(configDir !== undefined && ownDirs.includes(configDir)),
  );
  const files = [...new Set(found.map(({ path }) => path ?? ''))];
  return files.flatMap((path) => {
    const inFile = found.filter((place) => (place.path ?? '') === path);
    const [first] = inFile;
    const about = first === undefined ? undefined : meaning[first.layer];
    if (first === undefined || about === undefined) return [];
    return [
      {
        code: 'route-variable-set' as const,
        symptom: 'Requests go to a different server than you think',
        evidence: inFile.map(evidenceOf),
        ...about,
        fix: `take ${inFile.map(({ name }) => name).join(', ')} out of its "env":  ${editing(first)}`,
      },
    ];
  });
}

/** What the launchers' pin does not hold: windows and limits in settings that count in their sessions. */
export const limits: Check = {
  id: 'limits',
  about: 'no settings override the launchers’ window or limits',
  on: 'installation',
  look: async ({ layout, places }) => movedLimits((await places()).places, layout.routedConfigDir),
};

/** Variables of windows and limits in managed settings, in those of this project, or in those of the routed mode. */
export function movedLimits(places: readonly VariableSource[], routedConfigDir: string): readonly CheckFinding[] {
  const counts = ({ layer, configDir, elsewhere }: VariableSource) =>
    elsewhere !== true &&
    (['managed-settings', 'project-settings', 'local-settings'].includes(layer) || configDir === routedConfigDir);
  const names: readonly string[] = limitVariables;
  return places
    .filter((place) => names.includes(place.name) && counts(place))
    .map((place) => {
      return {
        symptom: 'Claude Code summarises too early, or too late for the local model',
        code: 'limits-overridden',
        problem: `settings set ${place.name}, which also counts in the launchers’ sessions`,
        evidence: [evidenceOf(place)],
        severity: 'note',
        fix: `if you did not mean that, remove it:  ${editing(place)}`,
      };
    });
}

/** A program that hands out a login stands beside the subscription's. */
export function keyHelpers(places: readonly VariableSource[]): readonly CheckFinding[] {
  const helpers = places.filter(({ name, setting }) => setting === true && name === 'apiKeyHelper');
  return helpers.map((place) => {
    return {
      symptom: 'Subscription mode bills the API',
      code: 'route-variable-set',
      problem: 'these settings name a program that supplies another login (apiKeyHelper)',
      evidence: [evidenceOf(place)],
      severity: meaning[place.layer]?.severity ?? ('note' as const),
      fix: `remove the line:  ${editing(place)}`,
    };
  });
}

/** The line that opens the file of a place in an editor. */
export function editing({ path = '', line }: { readonly path?: string; readonly line?: number | undefined }): string {
  return `${path.startsWith('/etc/') ? 'sudo nano' : 'nano'} ${line === undefined ? '' : `+${line} `}${shellWord(path)}`;
}

/** Row "effort level 'xhigh' rejected" of the guide. */
export const effort: Check = {
  id: 'effort',
  about: 'the routed mode’s effort is one that the main model supports',
  on: 'installation',
  look: async ({ probe, layout, installed }) => {
    const text = (await probe.readFile(layout.routedSettings)) ?? '';
    return effortTroubles(layout.routedSettings, text, mainModel(installed.answers));
  },
};

const xhigh = /("effortLevel"\s*:\s*)"xhigh"/;

/** Sonnet and Opus before version 4.7 have no xhigh; what Foundry hosts may not take it either. */
export function effortTroubles(path: string, settings: string, main: string): readonly CheckFinding[] {
  const line = settings.split('\n').findIndex((row) => xhigh.test(row)) + 1;
  if (line === 0 || hasXhigh(main)) return [];
  return [
    {
      symptom: `effort level 'xhigh' rejected`,
      code: 'effort-unknown',
      problem: `${main}, the main model, does not support the effort xhigh`,
      evidence: [{ path, line, text: '"effortLevel": "xhigh"' }],
      fixWith: [effortHigh(path)],
    },
  ];
}

function hasXhigh(model: string): boolean {
  const [major = 0, minor = 0] = versionOf(model);
  return !model.startsWith('foundry/') && (major > 4 || (major === 4 && minor > 6));
}

function effortHigh(path: string): Resource {
  return {
    kind: 'file',
    id: 'effort-of-the-routed-mode',
    path,
    mode: 0o600,
    keepMode: true,
    content: (current = ''): EditedText => success({ text: current.replace(xhigh, '$1"high"') }),
  };
}
