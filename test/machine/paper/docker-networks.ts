import { type Action, changes, failed, looks, type Machine, said } from './program.ts';

/** `network inspect -f {{.Name}}` and `network rm`. */
export function networkVerb(args: readonly string[], { state }: Machine): Action | undefined {
  const [verb] = args;
  const name = args.at(-1) ?? '';
  const missing = () => failed(`Error response from daemon: network ${name} not found`);
  const there = state.networks.includes(name);
  if (verb === 'inspect') return looks(() => (there ? said(name) : missing()));
  if (verb !== 'rm') return undefined;
  return changes(() => {
    if (!there) return missing();
    state.networks = state.networks.filter((one) => one !== name);
    return said(name);
  });
}
