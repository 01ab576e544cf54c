import { type Answers, type AnswersInput, answersSchema } from '../src/config/schema.ts';

/** The answers of somebody with one local model, and what else was chosen. */
export function answersWith(chosen: Partial<AnswersInput> = {}): Answers {
  const localModel = { address: '192.0.2.20', model: 'qwen/qwen3.6-35b-a3b', contextWindow: 65_536 };
  return answersSchema.parse({ version: 1, localModel, ...chosen });
}
