import type { Described } from './described.ts';

/** Every option that is followed by a value, by whichever command it is taken. */
export function valuedFlags(commands: readonly Described[]): readonly string[] {
  const flags = commands.flatMap(({ options }) =>
    options.flatMap(({ flag, value }) => (value === undefined ? [] : flag)),
  );
  return [...new Set(flags)];
}

/** Every answer that can be given, as it is typed behind `--set`. */
export function answerWordsOf(commands: readonly Described[]): readonly string[] {
  const values = commands.flatMap(({ options }) => options.flatMap(({ value }) => value ?? []));
  return values.find(({ kind }) => kind === 'answer')?.known ?? [];
}
