import { counted } from '../text/counted.ts';
import { harmless } from '../text/harmless.ts';
import { messageOf } from '../text/said.ts';
import type { Redacted } from './redaction.ts';

/** A part of the report; `problem` instead of a text where it could not be had. */
export interface Section {
  readonly title: string;
  readonly text: string;
}

/** A part that is gathered on its own: a failure is told in its place and takes no other part down. */
export async function section(title: string, gather: () => Promise<string>): Promise<Section> {
  try {
    const text = (await gather()).trimEnd();
    return { title, text: text === '' ? '(nothing)' : text };
  } catch (error) {
    return { title, text: `(could not be read: ${messageOf(error)})` };
  }
}

/** The parts as one text, before anything private is taken out of it. */
export function joined(sections: readonly Section[]): string {
  // Before anything is looked for in it: a colour code in the midst of a key would hide the key.
  return harmless(sections.map(({ title, text }) => `== ${title} ==\n\n${text}\n`).join('\n'));
}

/** The whole report: what it is, what was replaced, and the parts. */
export function reportText({ text, replaced }: Redacted, at: string): string {
  return `Report of claude-routing-install, ${at}

Read it before you send it. It contains no conversation: only numbers of requests, and no line of the
gateway's output that quotes one.

Replaced everywhere, the same thing by the same word:
${replacedLines(replaced).join('\n')}

${text}`;
}

/** What was replaced and how often, a line for each kind. */
export function replacedLines(replaced: Redacted['replaced']): readonly string[] {
  if (replaced.length === 0) return ['  nothing'];
  return replaced.map(({ kind, times, different }) => {
    const of = different === 1 ? '' : `, ${different} different ones`;
    return `  ${kind.padEnd(9)} ${counted(times, 'time')}${of}`;
  });
}
