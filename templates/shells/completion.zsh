#compdef claude-routing-install claude-routing-install.mjs
# Completion of claude-routing-install for zsh, as its commands declare themselves.
# Kept by claude-routing-install; what you change here is put back by the next run.

# PATH: what stands below these words
_claude_routing_install_below() {
  case $1 in
{{below}}
    *) below=() ;;
  esac
}

# One answer, first its key
_claude_routing_install_answer() {
  local key=${PREFIX%%=*}
  local -a known=({{answers}})
  if compset -P 1 '*='; then
    compadd -- ${${(M)known:#$key=?*}#*=}
  else
    compadd -S '' -- ${(u)known/\=*/=}
  fi
}

_claude_routing_install() {
  local curcontext=$curcontext at='' awaited='' word
  local -a below specs left
  integer i place=0
  left=("$words[1]")
  for ((i = 2; i < CURRENT; i++)); do
    word=$words[i]
    if [[ -n $awaited ]]; then
      awaited='' left+=("$word")
    elif [[ $word == -* ]]; then
      left+=("$word")
      case $word in {{valued}}) awaited=$word ;; esac
    else
      _claude_routing_install_below "$at"
      if [[ $at$word == help ]]; then
        continue
      elif (( ${below[(I)${word}:*]} )); then
        at=${at:+$at }$word
      else
        left+=("$word")
        (( place++ ))
      fi
    fi
  done
  _claude_routing_install_below "$at"
  if (( $#below && ! place )) && [[ -z $awaited && $words[CURRENT] != -* ]]; then
    _describe -t commands command below
  fi
  # The words that lead to a command are none that it takes.
  words=("${left[@]}" "${(@)words[CURRENT,-1]}")
  CURRENT=$(( $#left + 1 ))
  case $at in
{{specs}}
  esac
  _arguments -s -S : "${specs[@]}"
}

if [[ $funcstack[1] == _claude-routing-install ]]; then
  _claude_routing_install "$@"
else
  compdef _claude_routing_install claude-routing-install claude-routing-install.mjs
fi
