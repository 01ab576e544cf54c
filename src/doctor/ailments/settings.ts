import type { Probe } from '../../host/host.ts';
import { mainModel } from '../../render/gateway-models.ts';
import { isRoutingVariable } from '../../render/routing-variables.ts';
import type { EditedText, Resource } from '../../resources/resource.ts';
import { versionOf } from '../../services/anthropic.ts';
import { launchers } from '../../steps/launchers.ts';
import { type Ailment, byHand, type Found, mended, named } from '../ailment.ts';
import { evidenceOf } from '../stray-variables.ts';
import type { Layer, VariablePlace } from '../variable-place.ts';

/** Row "Requests bypass gateway" of the guide. */
export const routedSettings: Ailment = {
  id: 'routed-settings',
  about: 'no env block in the settings of the routed mode',
  on: 'installation',
  look: async ({ probe, layout, installed, places }) => {
    const found = (await places()).filter(
      (place) => isUserSettings(place) && place.configDir === layout.routedConfigDir && isRoutingVariable(place.name),
    );
    if (found.length === 0) return [];
    const words = {
      symptom: 'Requests bypass the gateway; /status shows the host of the cloud',
      problem: 'the settings of the routed mode set variables of the route themselves',
      evidence: found.map(evidenceOf),
    };
    return [mended('routed-settings', words, named(await launchers.resources(installed, probe), 'routed settings'))];
  },
};

function isUserSettings({ layer }: VariablePlace): boolean {
  return layer === 'user-settings';
}

/** Settings files that are not ours: they are named, never edited. */
export const otherSettings: Ailment = {
  id: 'settings',
  about: 'no env block in managed, personal and project settings',
  on: 'installation',
  look: async ({ layout, places, probe, cwd }) => [
    ...settingsOfOthers(await places(), [layout.routedConfigDir, layout.apiConfigDir]),
    ...keyHelpers(await readSettings(probe, layout.home, cwd)),
  ],
};

/** What each layer of settings means for whom. */
const meaning: Readonly<Partial<Record<Layer, { readonly problem: string; readonly severity: Found['severity'] }>>> = {
  'managed-settings': {
    problem: 'the settings of this machine set a variable of the route, for everybody and in every mode',
    severity: 'broken',
  },
  'user-settings': {
    problem:
      'your own settings set a variable of the route: a plain "claude" goes where it says, and no longer to your subscription',
    severity: 'broken',
  },
  'project-settings': {
    problem: 'this project wants to change the route; the launchers do not obey, a plain "claude" does',
    severity: 'note',
  },
  'local-settings': {
    problem: 'this project wants to change the route; the launchers do not obey, a plain "claude" does',
    severity: 'note',
  },
};

/** Variables of the route in settings files outside `ownDirs`, one finding a file. */
export function settingsOfOthers(places: readonly VariablePlace[], ownDirs: readonly string[]): readonly Found[] {
  const found = places.filter(
    ({ name, layer, configDir }) =>
      meaning[layer] !== undefined &&
      isRoutingVariable(name) &&
      !(configDir !== undefined && ownDirs.includes(configDir)),
  );
  const files = [...new Set(found.map(({ path }) => path ?? ''))];
  return files.flatMap((path) => {
    const inFile = found.filter((place) => (place.path ?? '') === path);
    const about = meaning[inFile[0]?.layer ?? 'user-settings'];
    if (about === undefined) return [];
    const editor = path.startsWith('/etc/') ? 'sudo nano' : 'nano';
    const at = inFile[0]?.line === undefined ? path : `+${inFile[0].line} ${path}`;
    const words = {
      symptom: 'Requests go to another server than you think',
      evidence: inFile.map(evidenceOf),
      ...about,
    };
    return [
      byHand('settings', words, `take ${inFile.map(({ name }) => name).join(', ')} out of its "env":  ${editor} ${at}`),
    ];
  });
}

export interface SettingsText {
  readonly path: string;
  readonly text: string;
  readonly severity: Found['severity'];
}

async function readSettings(
  probe: Pick<Probe, 'readFile'>,
  home: string,
  cwd: string,
): Promise<readonly SettingsText[]> {
  const places = [
    { path: '/etc/claude-code/managed-settings.json', severity: 'broken' as const },
    { path: `${home}/.claude/settings.json`, severity: 'broken' as const },
    { path: `${cwd}/.claude/settings.json`, severity: 'note' as const },
    { path: `${cwd}/.claude/settings.local.json`, severity: 'note' as const },
  ];
  // In the home itself the personal settings are also those of the project.
  const once = places.filter(({ path }, index) => places.findIndex((place) => place.path === path) === index);
  const texts = await Promise.all(once.map(async ({ path }) => await probe.readFile(path)));
  return once.map((place, index) => ({ ...place, text: texts[index] ?? '' }));
}

/** A program that hands out a login stands beside the subscription's. */
export function keyHelpers(settings: readonly SettingsText[]): readonly Found[] {
  return settings.flatMap(({ path, text, severity }) => {
    const line = text.split('\n').findIndex((row) => /"apiKeyHelper"\s*:/.test(row)) + 1;
    if (line === 0) return [];
    const words = {
      symptom: 'Subscription mode bills the API',
      problem: 'these settings name a program that hands out another login (apiKeyHelper)',
      evidence: [{ path, line, text: 'apiKeyHelper' }],
      severity,
    };
    return [
      byHand(
        'settings',
        words,
        `take the line out:  ${path.startsWith('/etc/') ? 'sudo nano' : 'nano'} +${line} ${path}`,
      ),
    ];
  });
}

/** Row "effort level 'xhigh' rejected" of the guide. */
export const effort: Ailment = {
  id: 'effort',
  about: 'the effort of the routed mode is one that the main model has',
  on: 'installation',
  look: async ({ probe, layout, installed }) => {
    const text = (await probe.readFile(layout.routedSettings)) ?? '';
    return effortTroubles(layout.routedSettings, text, mainModel(installed.answers));
  },
};

const xhigh = /("effortLevel"\s*:\s*)"xhigh"/;

/** Sonnet and Opus before version 4.7 have no xhigh; what Foundry hosts may not take it either. */
export function effortTroubles(path: string, settings: string, main: string): readonly Found[] {
  const line = settings.split('\n').findIndex((row) => xhigh.test(row)) + 1;
  if (line === 0 || hasXhigh(main)) return [];
  const words = {
    symptom: `effort level 'xhigh' rejected`,
    problem: `${main}, the model in front, does not know the effort xhigh`,
    evidence: [{ path, line, text: '"effortLevel": "xhigh"' }],
  };
  return [mended('effort', words, [effortHigh(path)])];
}

function hasXhigh(model: string): boolean {
  const [major = 0, minor = 0] = versionOf(model);
  return !model.startsWith('foundry/') && (major > 4 || (major === 4 && minor > 6));
}

function effortHigh(path: string): Resource {
  return {
    kind: 'file',
    title: 'effort of the routed mode',
    path,
    mode: 0o600,
    keepMode: true,
    content: (current = ''): EditedText => ({ text: current.replace(xhigh, '$1"high"') }),
  };
}
