import type { Scene } from '../gateway/scene.ts';
import type { LoggedRequest } from '../machine/stand-ins/request-log.ts';
import { type Launch, openClaude, type Turn } from './claude-session.ts';

/** How a conversation went. */
export interface Course {
  readonly turns: readonly Turn[];
  readonly answered: number;
  /** Number of the first turn that failed, counted from one, with what a person was told. */
  readonly lost: { readonly turn: number; readonly words: string } | undefined;
  readonly compactions: number;
  /** Of the requests that LM Studio got: all of them, and those that it refused because they did not fit. */
  readonly requests: number;
  readonly refused: number;
  /** Of all requests to LM Studio together. */
  readonly promptTokens: number;
  /** Requests that a cloud answered. */
  readonly cloud: number;
}

export interface Plan {
  readonly turns?: number;
  /** Called before each turn with its number, counted from one. */
  readonly before?: (turn: number) => void;
}

/** Talks for twelve turns, each of which adds about 6,000 tokens: a long prompt and a tool's long result take turns. */
export async function converse(scene: Scene, launch: Launch, { turns = 12, before }: Plan = {}): Promise<Course> {
  const session = openClaude(scene.wire, launch);
  const said: Turn[] = [];
  try {
    for (let turn = 1; turn <= turns; turn += 1) {
      before?.(turn);
      said.push(await session.say(prompt(turn)));
    }
  } finally {
    await session.end();
  }
  return course(scene, said);
}

function prompt(turn: number): string {
  if (turn % 2 === 1) return `turn ${turn}: ${'lorem ipsum '.repeat(2000)}`;
  return `turn ${turn}: use the tool Bash with {"command": "yes lorem ipsum | head -c 24000", "description": "a text"}`;
}

function course(scene: Scene, turns: readonly Turn[]): Course {
  const local = asked(scene.lmStudio.requests);
  const index = turns.findIndex(({ isError }) => isError);
  return {
    turns,
    answered: turns.filter(({ isError }) => !isError).length,
    lost: index === -1 ? undefined : { turn: index + 1, words: turns[index]?.text ?? '' },
    compactions: sum(turns.map(({ compactions }) => compactions)),
    requests: local.length,
    refused: local.filter(({ answer }) => answer.status === 400).length,
    promptTokens: sum(local.map(({ answer }) => answer.promptTokens ?? 0)),
    cloud: asked([...scene.anthropic.requests, ...scene.foundry.requests]).filter(({ answer }) => answer.status === 200)
      .length,
  };
}

/** The requests that asked for an answer. */
export function asked(requests: readonly LoggedRequest[]): readonly LoggedRequest[] {
  return requests.filter(({ method }) => method === 'POST');
}

/** Tools and system prompt, which open what the model reads in every turn; LM Studio has them from one of two APIs. */
export function beginning({ body }: LoggedRequest): string {
  const { tools, system, messages } = body as Readonly<Record<string, unknown>>;
  return JSON.stringify([tools, system ?? (messages as readonly unknown[])[0]]);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
