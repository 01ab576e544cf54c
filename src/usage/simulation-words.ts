import { counted } from '../text/counted.ts';
import { dim, type Line, plain, strong } from '../ui/wording.ts';
import type { Came, Compared, Simulation } from './simulation.ts';
import { backendNames, costWords, table, tokens, type UsagePeriod } from './words.ts';

/** The screen of `routing simulate`. */
export function simulationLines(found: Simulation, { days, from, to, timeZone }: UsagePeriod): readonly Line[] {
  const when = days === 1 ? 'Today' : `Last ${days} days`;
  const large = found.tooLarge ? `; ${found.tooLarge} of them do not fit the local window` : '';
  return [
    strong(`${when}: ${found.moved} of ${counted(found.requests, 'request')} would have gone to another model${large}`),
    dim(`${from} to ${to}, days of ${timeZone}`),
    ...table(
      'By backend, as it was → with these rules',
      found.backends.map((row) => [backendNames[row.backend], comparedWords(row)]),
    ),
    ...table(
      'By rule',
      found.rules.map((row) => [row.rule ?? 'none fits', ruleWords(row)]),
    ),
    ...notes(found).flatMap((note) => [plain(''), dim(note)]),
  ];
}

function comparedWords({ was, would }: Compared): string {
  return `${cameWords(was)} → ${cameWords(would)}`;
}

function cameWords(came: Came): string {
  const paid = came.cost === 0 && came.unpriced === 0 ? '' : `, ${costWords(came)}`;
  return `${counted(came.requests, 'request')}, ${tokens(came.tokens)} tokens${paid}`;
}

function ruleWords({ requests, moved, tooLarge, was, would }: Simulation['rules'][number]): string {
  if (requests === 0) return 'nothing';
  const costs = moved === 0 ? '' : `, ${costWords(was)} → ${costWords(would)}`;
  const large = tooLarge ? `; ${tooLarge} too large for the local window` : '';
  return `${counted(requests, 'request')}, ${moved} to another model${costs}${large}`;
}

function notes({ unanswered, withoutKinds, unknownFolders, tooLarge, moved }: Simulation): readonly string[] {
  return [
    ...(moved === 0
      ? []
      : [
          'Dollars follow the gateway’s price list and assume the cache reads and writes of the log; for a local answer, those that your client would ask of a cloud. How good another model’s answers would have been, the log cannot tell.',
        ]),
    ...(tooLarge === undefined ? ['The local window is not known:  --set localModel.contextWindow=TOKENS'] : []),
    ...(unanswered === 0 ? [] : [`Left out: ${counted(unanswered, 'request')} that nobody answered`]),
    ...(withoutKinds === 0
      ? []
      : [`${counted(withoutKinds, 'request')} are from before 1.2, whose log has no kinds, subagents or folders`]),
    ...(unknownFolders.length === 0
      ? []
      : [
          `No session is known to have started in the folder of: ${unknownFolders.join(', ')}. The log knows only folders that rules named at the time.`,
        ]),
  ];
}
