import { randomBytes } from 'node:crypto';

/** The name under which a new text is written before it takes its place: beside it, in the same folder. */
export function draftName(path: string): string {
  return `${path}.${draftMark()}.new`;
}

/** What tells one draft from another. */
export function draftMark(): string {
  return randomBytes(4).toString('hex');
}

/** The name that a draft was to get, where `name` is one of a draft. */
export function intendedName(name: string): string | undefined {
  return /^(.+)\.[0-9a-f]{8}\.new$/s.exec(name)?.[1];
}
