/**
 * What the system refused, told of the name that a person knows: of an open file it names none, and of a draft one that is
 * gone by then.
 */
export function toldOf(path: string, error: unknown): unknown {
  if (!(error instanceof Error) || !('code' in error)) return error;
  const said = error.message.replace(/ '[^']*'( -> '[^']*')?$/, '');
  return Object.assign(error, { path, message: `${said} '${path}'` });
}
