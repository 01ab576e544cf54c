/**
 * Asks with `meanwhile` beside it, which begins after the question was drawn: both would wait for the same processor. Where it
 * fails, the signal that `ask` gets is to leave the question, and what was thrown is thrown on. What it fails with when the
 * question is answered is not told.
 */
export async function askBeside<Answer>(
  meanwhile: () => Promise<void>,
  ask: (left: AbortSignal) => Promise<Answer>,
): Promise<Answer> {
  const left = new AbortController();
  const leave = (error: unknown) => left.abort(error);
  const begun = setTimeout(() => void meanwhile().catch(leave));
  try {
    return await ask(left.signal);
  } catch (error) {
    throw left.signal.aborted ? left.signal.reason : error;
  } finally {
    clearTimeout(begun);
  }
}
