import { openWorld, PROGRAM, type World } from '../../machine/world.ts';
import { chosen } from '../chosen.ts';
import { effectsIn, type MachineCell, machineCells } from './cells.ts';
import { backToLatePart, begunBeforeLatePart, keepHomeAtLatePart } from './late-part.ts';
import { leftovers, type MachineState, stateOf, unlike, unsteadyNames } from './state.ts';
import { strike } from './strike.ts';

/** A whole installation on a machine that others use, too. */
const longestRunMs = 60 * 60_000;
const started = Date.now();

function say(line: string): void {
  console.log(`[${((Date.now() - started) / 1000).toFixed(0).padStart(5)} s] ${line}`);
}

process.exitCode = await main();

async function main(): Promise<number> {
  const world = await openWorld({ say });
  try {
    const undisturbed = await installUndisturbed(world);
    const cells = chosen.of(machineCells(undisturbed.effects), (cell) => ({ event: words(cell), fault: cell.fault }));
    say(`${undisturbed.effects.length} effects in the late part, ${cells.length} cells`);
    const began = performance.now();
    let [tried, red] = [0, 0];
    for (const [index, cell] of cells.entries()) {
      if (chosen.isOver(began)) break;
      const complaints = await judge(world, cell, undisturbed);
      tried += 1;
      red += complaints.length > 0 ? 1 : 0;
      say(`${complaints.length > 0 ? 'RED  ' : 'green'} ${index + 1}/${cells.length} ${words(cell)}`);
      for (const complaint of complaints) console.log(`          ${complaint}`);
    }
    say(`${tried} of ${cells.length} cells on the machine: ${tried - red} green, ${red} red`);
    return red === 0 ? 0 : 1;
  } finally {
    await world.close();
  }
}

function words({ effect, fault, after, ms }: MachineCell): string {
  return `${effect.step}: ${effect.resource} (${effect.do})  ×  ${fault}, ${ms} ms after ${after}`;
}

interface Undisturbed {
  readonly effects: ReturnType<typeof effectsIn>;
  readonly state: MachineState;
  readonly unsteady: ReadonlySet<string>;
}

/** The whole installation once, and its late part once more: what differs between the two is not compared. */
async function installUndisturbed(world: World): Promise<Undisturbed> {
  const { machine } = world;
  await world.writeAnswers();
  await Promise.all([keepHomeAtLatePart(machine), succeeds(world, '--yes --answers answers.yaml')]);
  say('installed');
  const state = await stateOf(machine);
  const journal = await machine.ssh('cat ~/.local/state/claude-routing/journal.jsonl');
  const effects = effectsIn(journal.stdout).slice(await begunBeforeLatePart(machine));
  await backToLatePart(machine);
  await succeeds(world, '--yes');
  say('the late part done anew');
  return { effects, state, unsteady: unsteadyNames(state, await stateOf(machine)) };
}

async function succeeds(world: World, options: string): Promise<void> {
  const { exitCode, stdout } = await world.install(options, { timeoutMs: longestRunMs });
  if (exitCode !== 0) throw new Error(`${PROGRAM} ${options} ended with ${exitCode}:\n${stdout}`);
}

async function judge(world: World, cell: MachineCell, { state, unsteady }: Undisturbed): Promise<readonly string[]> {
  const { machine } = world;
  await backToLatePart(machine);
  const run = await strike(machine, cell);
  say(`      ${run.exitCode ?? 'cut'}: ${run.left}`);
  const again = await world.install('--yes', { timeoutMs: longestRunMs });
  return [
    ...(run.reached ? [] : ['the run did not come by there']),
    ...(/a fault in this program/.test(run.output + again.stdout) ? ['told as a fault in this program'] : []),
    ...(again.exitCode === 0 ? [] : [`the next run ended with ${again.exitCode}: ${again.stdout.slice(-600)}`]),
    ...unlike(await stateOf(machine), state, unsteady),
    ...(await leftovers(machine)),
  ];
}
