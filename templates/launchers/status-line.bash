#!/bin/bash
# Says which backend answered last in this session, for Claude Code's status line, and what the session and the day have cost; before
# that, whether the session waits for the local server. It reads the gateway's own request log, whose lines say that themselves, and
# what lies beside it while somebody waits.
# Kept by claude-routing-install; what you change here is put back by the next run.
export LC_ALL=C.UTF-8
shopt -s nullglob
logs=({{requests}}/[0-9][0-9][0-9][0-9]-[0-9][0-9].jsonl)
# The newest month and the one before it; of each only the end, so that it takes no longer when the log has grown.
recent=("${logs[@]:${#logs[@]} < 2 ? 0 : ${#logs[@]} - 2}" /dev/null)
queue=$(head -c 65536 -- {{requests}}/queue.json 2>/dev/null)
# Claude Code's own account of the session.
IFS= read -r -d '' -n 65536 given

tail -q -c 131072 -- "${recent[@]}" 2>/dev/null | jq -nrR --arg given "$given" --arg queue "$queue" --arg local {{model}} --arg columns "${COLUMNS-}" \
  --argjson midnight "$(date -d 0:00 +%s)" '
  def words: {
    "unreachable": "unreachable", "timeout": "did not answer in time", "rate-limited": "busy", "server-error": "had an error",
    "too-long": "prompt too long", "image": "cannot see images", "no-credit": "no credit", "refused-key": "key refused", "not-found": "model not found",
    "broken-off": "broke off", "refused": "refused: stays local", "ceiling": "at its ceiling", "turned-away": "wrong gateway key",
    "bad-request": "request refused", "cancelled": "left"
  }[. // ""] // "failed";
  def isLocal: startswith("lm-studio:");
  def backend: if isLocal then "local" else "cloud" end;
  def name: if isLocal then $local elif startswith("foundry:") then "foundry/" + .[8:] else sub("^[^:]*:"; "") end;
  def server: if isLocal then "local" else name end;
  def seconds: (. / 100 | round) as $tenths
    | if $tenths < 100 then "\($tenths / 10 | floor).\($tenths % 10) s" else "\($tenths / 10 | round) s" end;
  def dollars($unpriced): (. * 100 | floor) as $cents
    | (if $unpriced > 0 then "at least " else "" end) + "$\($cents / 100 | floor).\($cents % 100 | tostring | if length < 2 then "0" + . else . end)";
  def isToday: ((.at // "")[:19] + "Z" | fromdateiso8601? // 0) >= $midnight;
  # Nothing where nothing was paid. A line of an earlier version does not say it.
  def money($newest): (if $newest | isToday then $newest else {dayCost: 0, dayUnpriced: 0} end) as $day
    | if .sessionCost == null or $day.dayCost == null or .sessionCost + .sessionUnpriced + $day.dayCost + $day.dayUnpriced == 0 then []
      else .sessionUnpriced as $open | ["\(.sessionCost | dollars($open)) here, \($day.dayCost | dollars($day.dayUnpriced)) today"] end;
  def ordinal: (if . % 100 >= 11 and . % 100 <= 13 then "th" else ["th", "st", "nd", "rd"][. % 10] // "th" end) as $suffix | "\(.)\($suffix)";
  # A file that is not written anew every few seconds was left by a gateway that was killed.
  def state: ($queue | fromjson? | objects | select(((.at // "")[:19] + "Z" | fromdateiso8601? // 0) > now - 15)) // {};
  # The longest first, in as many words as fit. A server has a name where there are several.
  def waiting($session): state as $state
    | [$state.servers // [] | .[] | .server as $server | .waiting | length as $all | to_entries[]
        | {$server, of: $all, place: (.key + 1), by: .value} | select(.by.session == $session)]
    | map(select(.by.kind == "conversation"))[0] as $own | map(select(.by.kind == "subagent")) as $agents
    | if $own != null then ["queued \($own.place | ordinal) of \($own.of)", $own.server]
      elif ($state.waking.waiting // [] | any(.session == $session and .kind != "background")) then ["waking", $state.waking.server // "the local server"]
      elif ($agents | length) == 1 then ["a subagent queued", $agents[0].server]
      elif ($agents | length) > 1 then ["\($agents | length) subagents queued", ($agents | map(.server) | unique | if length == 1 then .[0] else null end)]
      else [] end
    | .[0] as $what | .[1] as $where
    | if . == [] or $where == null then .[:1]
      elif $what == "waking" then ["waking \($where)", "waking"]
      else ["\($what) at \($where)", $what] end;
  def fitting: ($columns | tonumber? // 0) as $room
    | map(join(" · ")) | first(.[] | select($room < 20 or length <= $room)) // last;

  ($given | fromjson | objects | .session_id | strings) as $session
  | reduce inputs as $line ({own: [], all: []}; .all = .all[-1:] + [$line] | if $line | contains($session) then .own += [$line] else . end)
  | ([.all[] | fromjson? | objects] | last) as $newest
  | [.own[-50:][] | fromjson? | objects | select(.session == $session)]
  | (last | money($newest)) as $money
  | waiting($session) as $wait
  | (map(select(.tools > 0)) | last) // last
  | select(. != null or $wait != [])
  | ((.ms // 0) | seconds) as $time
  | if . == null then []
    elif .answered == null then
      [["no answer", (.cause | words), $time], ["no answer", (.cause | words)], ["no answer"]]
    elif .from != null then
      (.answered | name) as $name | (.answered | backend) as $backend
      | [[$backend, $name, "failover: \(.from | server) \(.cause | words)", $time] + $money,
         [$backend, $name, "failover: \(.from | server) \(.cause | words)", $time],
         [$backend, "failover: \(.from | server) \(.cause | words)"],
         [$backend, "failover", (.cause | words)], [$backend, "failover"]]
    else
      [(.answered | backend), (.answered | name)] as $who | (if .cause == null then [] else [.cause | words] end) as $how
      | (if .server == null then [] else [[$who[0], "\($who[1]) at \(.server)"] + $how] end) + [$who + $how]
      | map(. + [$time] + $money, . + $money, . + [$time], .) + [$who[:1] + $how + [$time], $who[:1] + $how]
    end
  | map($wait[:1] + .) + ($wait | map([.]))
  # A name comes from a server: nothing in it may be obeyed by the terminal.
  | fitting | gsub("[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}]"; "?") | .[:200]' 2>/dev/null | { read -r line || line='no answer yet'; printf '%s\n' "$line"; }
