import { Document } from 'yaml';
import { type Answers, answersSchema } from './schema.ts';
import { readYaml } from './yaml.ts';

/** This comment lets editors find the schema, which is in the package, and check while you type. */
export const schemaLine =
  'yaml-language-server: $schema=https://unpkg.com/claude-routing-install/dist/answers.schema.json';

/** Answers as they are kept for the next run: without references to secrets, which then stand in the secrets file. */
export function savedAnswersText(answers: Answers): string {
  const { localModel, cloud, ...rest } = answers;
  const { token: _token, ...local } = localModel;
  const kept = {
    ...rest,
    localModel: local,
    cloud: {
      ...cloud,
      ...(cloud.anthropic === undefined ? {} : { anthropic: { models: cloud.anthropic.models } }),
      ...(cloud.foundry === undefined ? {} : { foundry: withoutKey(cloud.foundry) }),
    },
  };
  // Parsed again for the order of the keys, which must not depend on where an answer came from.
  const document = new Document(answersSchema.parse(kept));
  document.commentBefore = ` Your answers, as the next run will offer them. Keys are not here.\n ${schemaLine}`;
  return document.toString({ lineWidth: 0 });
}

function withoutKey<T extends { key?: string | undefined }>({ key: _key, ...rest }: T): Omit<T, 'key'> {
  return rest;
}

/** Earlier answers; undefined when there are none or they are of a kind that this version cannot read. */
export function readSavedAnswers(text: string | undefined): Answers | undefined {
  return answersSchema.safeParse(savedRaw(text)).data;
}

/** What a saved text says, whatever that is; undefined if it is not YAML. */
export function savedRaw(text: string | undefined): unknown {
  if (text === undefined) return undefined;
  const read = readYaml(text, { longest: 65_536 });
  return read.ok ? read.value.value : undefined;
}

/** Whether a saved text says exactly these answers, however it is written; an option that it does not name has its default. */
export function saysTheSame(text: string | undefined, answers: Answers): boolean {
  const saved = readSavedAnswers(text);
  return saved !== undefined && savedAnswersText(saved) === savedAnswersText(answers);
}
