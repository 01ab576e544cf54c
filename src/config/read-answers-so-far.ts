import * as z from 'zod';
import { parsedJson } from '../text/json.ts';
import type { AnswersSoFar } from './answers-so-far.ts';

const schema = z.strictObject({
  version: z.literal(1),
  answers: z.record(z.string(), z.union([z.string(), z.array(z.string())])),
});

/** Undefined for what this version cannot read. */
export function readAnswersSoFar(text: string): AnswersSoFar | undefined {
  return schema.safeParse(parsedJson(text)).data?.answers;
}
