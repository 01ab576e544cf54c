import * as z from 'zod';
import type { AnswersSoFar } from './answers-so-far.ts';

const schema = z.strictObject({
  version: z.literal(1),
  answers: z.record(z.string(), z.union([z.string(), z.array(z.string())])),
});

/** Undefined for what this version cannot read. */
export function readAnswersSoFar(text: string): AnswersSoFar | undefined {
  try {
    return schema.safeParse(JSON.parse(text)).data?.answers;
  } catch {
    return undefined;
  }
}
