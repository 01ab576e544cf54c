import { nearlySpent } from '../../config/values/money.ts';
import type { Layout } from '../../layout.ts';
import { shellWord } from '../../shell/word.ts';

/** Bash for a launcher: a line on a terminal when most of a ceiling is spent, from the end of the gateway's request log. */
export function spendingNotice(name: string, { requestLogDir }: Layout): string {
  return `
# How much of a ceiling is spent, as the gateway itself said last. What it said on an earlier day is over.
if [ -t 2 ]; then
  logs=(${shellWord(requestLogDir)}/[0-9][0-9][0-9][0-9]-[0-9][0-9].jsonl)
  said=$(tail -q -c 16384 -- "\${logs[@]: -1}" 2>/dev/null | grep -a '"dayPercent":' | tail -n 1)
  at='"at":"([0-9T:.-]+Z)"'
  if [[ $said =~ $at ]]; then
    on=$(date -d "\${BASH_REMATCH[1]}" +%F) today=$(date +%F)
    for period in day month; do
      percent='"'$period'Percent":([0-9]+)'
      [[ $said =~ $percent ]] && [ "\${BASH_REMATCH[1]}" -ge ${nearlySpent} ] || continue
      [ "$period" = day ] && [[ $on < $today ]] && continue
      [[ \${on:0:7} < \${today:0:7} ]] && continue
      printf '%s\\n' "${name}: \${BASH_REMATCH[1]} % of what the clouds may cost this $period are spent; see  npx claude-routing-install usage" >&2
    done
  fi
fi`;
}
