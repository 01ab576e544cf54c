import type { Context } from '../context.ts';
import type { ActionLog } from '../engine/action-log.ts';
import type { Probe } from '../host/host.ts';
import type { Layout } from '../layout.ts';
import type { Problem } from '../problem.ts';
import type { Resource, ResourceId } from '../resources/resource.ts';
import { given } from '../text/json.ts';
import type { Line } from '../ui/wording.ts';
import type { Precedence, VariablePlaces, VariableSource } from './variable-source.ts';

/** What a look of the doctor may see: the machine through an impatient probe, this shell, and the installation if there is one. */
export interface CheckContext {
  readonly probe: Probe;
  readonly layout: Layout;
  /** The environment of the shell that the doctor was started from. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Addresses of this machine, loopback excluded. */
  readonly addresses: readonly string[];
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Undefined where nothing is installed for this account, or where its answers cannot be used. */
  readonly installed: Context | undefined;
  /** Why the answers that are there cannot be used. */
  readonly answersProblems: readonly Problem[];
  /** What this program wrote here before, by the journal; read once. */
  readonly history: () => Promise<ActionLog>;
  /** Everything that gives a variable of Claude Code a value; gathered once. */
  readonly places: () => Promise<VariablePlaces>;
}

/** An examination of an installed machine. */
export interface InstalledCheckContext extends CheckContext {
  readonly installed: Context;
}

/** What shows that a finding is true: a line of a file, or what a program said. Never a secret. */
export interface Evidence {
  readonly path?: string;
  /** Counted from 1. */
  readonly line?: number;
  readonly text: string;
}

/** One thing that is wrong: `problem` is the cause, `fix` the exact thing to type. */
export interface Finding extends Problem {
  /** Name of the check, stable, for --only and for programs. */
  readonly check: string;
  /** What the person sees of it. */
  readonly symptom: string;
  readonly evidence: readonly Evidence[];
  /** `broken`: something does not work or costs money unasked. `note`: worth knowing, nothing is broken by it. */
  readonly severity: 'broken' | 'note';
  /** What --fix does about it, through the same engine as everything else; absent where only a person can help. */
  readonly fixWith?: readonly Resource[];
}

/** How a finding is told when its step has several with one code: thirty files that a new release wants changed are one fact. */
export interface OneOfMany {
  /** The step's title. */
  readonly step: string;
  /** What is true of all of them. */
  readonly problem: string;
  /** What this finding adds. */
  readonly part: Evidence;
}

/** One thing that can be wrong. The look only looks; what it makes of what it saw is decided by a pure function. */
export type Check = {
  /** Stable, for --only and for programs. */
  readonly id: string;
  /** What is looked at, in a few words. */
  readonly about: string;
} & (
  | { readonly on: 'machine'; readonly look: (examination: CheckContext) => Promise<readonly CheckFinding[]> }
  /** Asked only where there is an installation whose answers can be used. */
  | {
      readonly on: 'installation';
      readonly look: (examination: InstalledCheckContext) => Promise<readonly CheckFinding[]>;
    }
);

/** What a finding says, without what is done about it; `broken` where no severity is named. */
export interface Words
  extends Pick<Finding, 'code' | 'symptom' | 'problem' | 'evidence'>,
    Partial<Pick<Finding, 'severity'>> {
  /** Resources that it accounts for without fixing them; the drift check leaves them out. */
  readonly explains?: readonly ResourceId[];
  readonly oneOfMany?: OneOfMany;
}

/** What a look found: --fix does something about it (`fixWith`), or only a person can, by typing `fix`. */
export type CheckFinding = Words &
  (
    | { readonly fix: string; readonly fixWith?: never }
    | { readonly fixWith: readonly Resource[]; readonly fix?: never }
  );

/** The resources of a step with these ids. */
export function byId(resources: readonly Resource[], ...ids: readonly ResourceId[]): readonly Resource[] {
  return resources.filter(({ id }) => ids.includes(id));
}

/** Where a value stands, without the value. */
export function evidenceOf({ name, layer, path, line }: VariableSource): Evidence {
  const text = path === undefined ? `${precedenceWords[layer]}: ${name}` : name;
  return { ...given({ path, line }), text };
}

const precedenceWords: Readonly<Partial<Record<Precedence, string>>> = {
  'this-shell': 'this shell',
  'user-manager': 'systemctl --user show-environment',
};

/** More pieces of evidence than this add nothing. */
const mostEvidence = 3;

/** A finding in four short lines: what a person sees of it, why, where that stands, and what to type. */
export function findingLines({ check, symptom, problem, evidence, severity, fix }: Finding): readonly Line[] {
  const broken = severity === 'broken';
  return [
    { text: ` ${broken ? '✗' : '·'} ${check}: ${symptom}`, tone: broken ? 'bad' : 'warning' },
    { text: `     Cause: ${problem}`, tone: 'plain' },
    ...evidence.slice(0, mostEvidence).map((one): Line => ({ text: `     Seen: ${evidenceWords(one)}`, tone: 'dim' })),
    ...(evidence.length > mostEvidence
      ? [{ text: `     Seen: ${evidence.length - mostEvidence} more like it`, tone: 'dim' } as const]
      : []),
    { text: `     Fix: ${fix}`, tone: 'plain' },
  ];
}

function evidenceWords({ path, line, text }: Evidence): string {
  if (path === undefined) return text;
  return `${path}${line === undefined ? '' : `:${line}`}: ${text}`;
}
