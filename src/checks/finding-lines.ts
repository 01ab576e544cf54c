import type { Line } from '../ui/wording.ts';
import type { Evidence, Finding } from './finding.ts';

/** More pieces of evidence than this convince nobody further. */
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
