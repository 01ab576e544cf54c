/** What was answered to questions, by their ids; the values of choices, not their labels. */
export type AnswersSoFar = Record<string, string | readonly string[]>;

export function answersSoFarText(answers: AnswersSoFar): string {
  return `${JSON.stringify({ version: 1, answers }, undefined, 2)}\n`;
}
