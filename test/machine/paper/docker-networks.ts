import { type Action, changes, failed, looks, type Machine, said } from './program.ts';

/** `network ls` for that of a compose project, and `network rm`. */
export function networkVerb(args: readonly string[], { state }: Machine): Action | undefined {
  const [verb] = args;
  const name = args.at(-1) ?? '';
  const missing = () => failed(`Error response from daemon: network ${name} not found`);
  const there = state.networks.includes(name);
  if (args.includes('type=custom'))
    return looks(() =>
      said(state.networks.map((one) => `${one}\t${one.endsWith('_default') ? one.slice(0, -8) : ''}`).join('\n')),
    );
  if (verb === 'ls') {
    const project = /^label=com\.docker\.compose\.project=(.+)$/.exec(name)?.[1];
    return looks(() => said(state.networks.includes(`${project}_default`) ? 'deadbeef' : ''));
  }
  if (verb !== 'rm') return undefined;
  return changes(() => {
    if (!there) return missing();
    state.networks = state.networks.filter((one) => one !== name);
    return said(name);
  });
}
