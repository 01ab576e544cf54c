/** An effect of the undisturbed run, as its journal tells it. */
export interface RecordedEffect {
  readonly step: string;
  readonly resource: string;
  readonly do: string;
  readonly what: string;
  /** What every run's line has for it, from `"state"` on; the hash of a content that may differ left out. */
  readonly line: string;
}

/** What comes over the run. All but the plug leave the machine on. */
export type MachineFault =
  | 'killed'
  | 'killed with all that it started'
  | 'its command killed'
  | 'SIGTERM'
  | 'SIGINT'
  | 'connection lost'
  | 'plug pulled';

/** A fault at an effect: so many milliseconds after it began, or after the container that it makes was there. */
export interface MachineCell {
  readonly effect: RecordedEffect;
  readonly fault: MachineFault;
  readonly after: 'begun' | 'container made';
  readonly ms: number;
}

/** The effects that a journal says were begun, in order. */
export function effectsIn(journal: string): readonly RecordedEffect[] {
  return journal
    .split('\n')
    .filter((line) => line.includes('"state":"begun"'))
    .map((line) => {
      const { step, resource, do: kind, what } = JSON.parse(line) as RecordedEffect;
      const own = line.slice(line.indexOf('"state":"begun"'), line.length - 1).replace(/,"sha256":.*/, '');
      return { step, resource, do: kind, what, line: own };
    });
}

const beforeAndAfterStart = [300, 400, 500, 600] as const;
const afterMaking = [0, 50, 100, 200] as const;

/** At every effect one fault, each in its turn, and the plug pulled all along the making of a container. */
export function machineCells(effects: readonly RecordedEffect[]): readonly MachineCell[] {
  const plugs = effects
    .filter(makesContainer)
    .flatMap((effect) => [
      ...beforeAndAfterStart.map((ms) => ({ effect, fault: 'plug pulled', after: 'begun', ms }) as const),
      ...afterMaking.map((ms) => ({ effect, fault: 'plug pulled', after: 'container made', ms }) as const),
    ]);
  const others = effects.map((effect, index) => {
    const possible = faultsOf(effect);
    const fault = possible[index % possible.length] ?? 'killed';
    return { effect, fault, after: 'begun', ms: 0 } as const;
  });
  const commands = effects
    .filter(({ do: kind }) => kind === 'run')
    .flatMap((effect) => faultsOf(effect).map((fault) => ({ effect, fault, after: 'begun', ms: 100 }) as const));
  return [...plugs, ...others, ...commands];
}

function makesContainer({ what }: RecordedEffect): boolean {
  return /\bdocker compose .*\bup\b/.test(what);
}

/** A command can die by itself; a file is written by the program. */
function faultsOf({ do: kind }: RecordedEffect): readonly MachineFault[] {
  const every: readonly MachineFault[] = ['killed', 'plug pulled', 'SIGTERM', 'connection lost', 'SIGINT'];
  return kind === 'run' ? [...every, 'killed with all that it started', 'its command killed'] : every;
}
