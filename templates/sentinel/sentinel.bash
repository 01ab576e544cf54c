#!/bin/bash
# The compat sentinel: after an update of Claude Code or of the gateway it tries whether both still work together.
# Kept by claude-routing-install; what you change here is put back by the next run.
set -u
umask 077
state={{state}} stamp={{stamp}} lock={{lock}} bin={{bin}} runtime={{runtime}} gateway={{gateway}}

# What is installed, in one word: the version of the client, the container's image, the gateway's configuration.
version() {
  local claude=$bin/claude target
  [ -x "$claude" ] || claude=$(type -P claude) || return 0
  # The installer's link names the version; asking the client takes longer.
  target=$(readlink -f "$claude") target=${target##*/}
  [[ $target =~ ^[0-9]+\.[0-9]+\.[0-9]+$ ]] || target=$(timeout 20 "$claude" --version 2>/dev/null)
  [[ $target =~ [0-9]+\.[0-9]+\.[0-9]+ ]] && printf '%s' "${BASH_REMATCH[0]}"
}
container=$(curl -q -s -m 5 --unix-socket {{socket}} http://docker/containers/{{container}}/json)
[[ $container =~ \"Image\":\"sha256:([0-9a-f]{12}) ]] && image=${BASH_REMATCH[1]} || image=
config=$(sha256sum 2>/dev/null <{{config}})
claude=$(version)
# Without a client or an engine there is nothing to try now.
[ -n "$claude" ] && [ -n "$image" ] || exit 0
installed=$claude:$image:${config:0:12}

# A run of the program proves by itself.
if read -r holder _ 2>/dev/null <"$lock" && kill -0 "$holder" 2>/dev/null; then exit 0; fi
read -r _ _ proven _ 2>/dev/null <"$stamp" || proven=
if [ "$proven" = "$installed" ]; then
  rm -f "$state"
  exit 0
fi
read -r before _ word reason 2>/dev/null <"$state" || before='' word='' reason=''
[ "$word" = "$installed" ] || before='' reason=''
[ "$before" != ok ] || exit 0

tell() { # RESULT REASON: kept for the launchers and for status, without anything that could be a key
  local words
  words=$(printf '%s' "$2" | tr '[:cntrl:]' ' ' |
    LC_ALL=C sed -E 's/\xc2[\x80-\x9f\xad]|\xe2\x80[\x8b-\x8f\xa8-\xae]|\xe2\x81[\xa0-\xaf]|\xef\xbb\xbf/?/g; s/sk-[A-Za-z0-9_-]+|[A-Za-z0-9]{32,}/****/g' | cut -c 1-240)
  printf '%s %s %s %s\n' "$1" "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$installed" "$words" >"$state.new" &&
    mv -f "$state.new" "$state"
  printf '%s: %s\n' "$1" "${words:-$installed}"
  exit 0
}

ready=
for ((waited = 0; waited < {{readySeconds}}; waited += 2)); do
  curl -q -s -f -m 5 -o /dev/null --noproxy '*' "$gateway/health/readiness" && ready=yes && break
  sleep 2
done
if [ -z "$ready" ]; then
  [[ $container =~ \"Status\":\"(exited|created|paused)\" ]] && tell untried "the gateway's container is ${BASH_REMATCH[1]}"
  tell failed 'the gateway does not become ready'
fi

# What a model server or a cloud that is off, busy or not paid for makes the client say: that is no incompatibility.
elsewhere='connection error|unreachable|timed? ?out|overloaded|rate.?limit|(^|[^0-9])(429|503|529)([^0-9]|$)|credit balance|usage limit|not loaded|unloaded|no models loaded|failed to load'
words='"result":"(([^"\]|\.)*)"'
try() { # LAUNCHER: sets result and said
  local out
  # The runtime directory holds no project, so nobody's settings or hooks take part.
  cd "$runtime" || exit 0
  out=$(CLAUDE_CODE_MAX_RETRIES=0 CLAUDE_ROUTING_PROOF=1 timeout -k 10 {{trySeconds}} "$bin/$1" -p 'Answer with one short sentence: are you there?' \
    --output-format json --tools '' --no-session-persistence 2>&1 </dev/null)
  case $?:$out in
    0:*'"is_error":false'*) result=ok said="$1 answers" ;;
    124:* | 137:*) result=untried said="$1 got no answer in time" ;;
    *)
      [[ $out =~ $words ]] && out=${BASH_REMATCH[1]}
      result=failed said="$1 does not answer: ${out:0:400}"
      shopt -s nocasematch
      [[ $out =~ $elsewhere ]] && result=untried
      shopt -u nocasematch
      ;;
  esac
}

routed='' offline='' first=ok
if [ -n {{routed}} ]; then
  # What the cloud has answered for is not asked again while the local model is off.
  if [[ $reason == 'claude-routed answers'* ]]; then said='claude-routed answers' result=ok; else try claude-routed; fi
  routed=$said first=$result
fi
if [ "$first" != failed ]; then
  # No failover can hide a failure of claude-offline; client, gateway and model are those of claude-local.
  if {{localAnswers}}; then
    try claude-offline
  else
    result=untried said='the local model server does not answer'
  fi
  offline=$said
fi
reason=$routed${offline:+${routed:+; }$offline}
[ "$first" = ok ] || [ "$result" = failed ] || result=$first
[ "$result" != ok ] || reason=
tell "$result" "$reason"
