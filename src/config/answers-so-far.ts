import * as z from 'zod';
import { parsedJson } from '../text/json.ts';

/** What was answered to questions, by their ids; the values of choices, not their labels. */
export type AnswersSoFar = Record<string, string | readonly string[]>;

const schema = z.strictObject({
  version: z.literal(1),
  answers: z.record(z.string(), z.union([z.string(), z.array(z.string())])),
});

/** Undefined for what this version cannot read. */
export function readAnswersSoFar(text: string): AnswersSoFar | undefined {
  return schema.safeParse(parsedJson(text)).data?.answers;
}
