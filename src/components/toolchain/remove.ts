import { type ActionLog, commandsRun, type RecordedCommand } from '../../engine/action-log.ts';
import type { Kept } from '../../engine/event.ts';
import type { Probe } from '../../host/host.ts';
import { wasThere } from '../../uninstall/baseline.ts';
import { isOurs } from '../../uninstall/provenance.ts';
import { existing, type Removal, type RemovalStep, treesGone } from '../../uninstall/removal.ts';

export const toolchain: RemovalStep = {
  id: 'toolchain',
  title: 'toolchain',
  guidePhase: 'phase 5',
  why: 'mise and the tools that it fetched go if they came with us and you use it for nothing else.',
  undoes: ['toolchain'],
  resources: async (removal, probe) =>
    (await goes(removal, probe)) ? [treesGone('mise', 'mise', [...miseTrees(removal), configPath(removal)])] : [],
  kept,
};

function miseTrees({ layout: { home, miseBinary } }: Removal): readonly string[] {
  return [miseBinary, ...['.local/share', '.local/state', '.cache'].map((folder) => `${home}/${folder}/mise`)];
}

function configPath({ layout: { home } }: Removal): string {
  return `${home}/.config/mise/config.toml`;
}

async function goes(removal: Removal, probe: Probe): Promise<boolean> {
  if (!installedHere(removal)) return false;
  const path = configPath(removal);
  const text = await probe.readFile(path);
  if (text === undefined && (await existing(probe, [path])).length > 0) return false;
  return !usesMore(text ?? '', toolsChosen(removal.history));
}

function installedHere(removal: Removal): boolean {
  return isOurs(removal, removal.layout.miseBinary, bringsMise);
}

/** Releases up to 1.1 ran mise's own script unchecked. */
function bringsMise({ program, args, download }: RecordedCommand): boolean {
  return download === 'https://mise.run' || (program === 'bash' && args.slice(0, 3).join(' ') === '-s -- mise');
}

const useTools = ['use', '--global', '--yes'] as const;

/** The tools that mise was told to use, e.g. node and python. */
function toolsChosen(history: ActionLog): readonly string[] {
  const chosen = commandsRun(history, 'mise', ...useTools).flatMap(({ args }) => args.slice(useTools.length));
  return chosen.map((tool) => tool.split('@')[0] ?? '');
}

/** Whether mise's own settings name more than was chosen here, which means that somebody uses it. */
export function usesMore(config: string, chosen: readonly string[]): boolean {
  const lines = config.split('\n').map((line) => line.trim());
  const others = lines.filter((line) => line !== '' && line !== '[tools]');
  return others.some((line) => !chosen.includes(/^"?([\w:/.-]+)"?\s*=/.exec(line)?.[1] ?? ''));
}

async function kept(removal: Removal, probe: Probe): Promise<readonly Kept[]> {
  const [binary] = await existing(probe, [removal.layout.miseBinary]);
  if (binary === undefined || (await goes(removal, probe))) return [];
  const command = `rm -rf ${miseTrees(removal).join(' ')}`;
  if (installedHere(removal)) return [{ what: 'mise', why: `${configPath(removal)} names tools of yours`, command }];
  const tools = toolsChosen(removal.history);
  if (wasThere(removal.before, binary) === true && tools.length === 0) return [];
  if (tools.length === 0) return [{ what: 'mise', why: 'nothing says that it came with this program', command }];
  return [
    {
      what: `in mise: ${tools.join(', ')}`,
      why: 'mise itself was there before',
      command: `mise unuse --global ${tools.join(' ')}`,
    },
  ];
}
