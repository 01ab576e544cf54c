import type { Verdict } from './matrix.ts';

/** Counts by kind of event and fault, and the sum: what a person reads at the end. */
export function table(command: string, verdicts: readonly Verdict[], seconds: number): string {
  const faults = [...new Set(verdicts.map(({ fault }) => fault))];
  const kinds = ['command', 'look', 'file'] as const;
  const rows = faults.map((fault) => [
    fault,
    ...kinds.map((kind) => counted(verdicts.filter((one) => one.fault === fault && one.kind === kind))),
  ]);
  const lines = [[command, ...kinds.map((kind) => `${kind}s`)], ...rows].map(([name = '', ...cells]) =>
    [name.padEnd(46), ...cells.map((cell) => cell.padStart(14))].join(''),
  );
  const red = verdicts.filter(({ complaints }) => complaints.length > 0).length;
  const events = new Set(verdicts.map(({ event }) => event)).size;
  return [
    ...lines,
    '',
    `${command}: ${verdicts.length} cells of ${events} events and ${faults.length} faults; ${verdicts.length - red} green, ${red} red; ${seconds.toFixed(0)} s`,
  ].join('\n');
}

function counted(verdicts: readonly Verdict[]): string {
  if (verdicts.length === 0) return '';
  const red = verdicts.filter(({ complaints }) => complaints.length > 0).length;
  return red === 0 ? String(verdicts.length) : `${verdicts.length} (${red} red)`;
}
