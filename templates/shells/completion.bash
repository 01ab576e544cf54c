# Completion of claude-routing-install for bash, as its commands declare themselves.
# Kept by claude-routing-install; what you change here is put back by the next run.

# PATH: what stands below these words, and which options they take
_claude_routing_install_at() {
  case $1 in
{{commands}}
    *) below='' options='' ;;
  esac
}

# PATH OPTION, or PATH PLACE of a word, counted from 0: what it can be
_claude_routing_install_values() {
  case "$1 $2" in
{{values}}
    *) kind='' known='' ;;
  esac
}

_claude_routing_install() {
  local below options kind known word before path='' awaited='' taken='' place=0 i
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=${COMP_WORDS[i]}
    case $word in
      # bash makes words of their own of these; behind a value they go on with it.
      [=:]) [[ -n $awaited ]] || ((i++)) ;;
      -*)
        awaited='' taken=''
        case $word in {{valued}}) awaited=$word ;; esac
        ;;
      *)
        taken=''
        _claude_routing_install_at "$path"
        if [[ -n $awaited ]]; then
          taken=$awaited/$word awaited=''
        elif [[ $path$word == help ]]; then
          :
        elif [[ " $below " == *" $word "* ]]; then
          path=${path:+$path }$word
        else
          ((place++))
        fi
        ;;
    esac
  done
  word=${COMP_WORDS[COMP_CWORD]}
  [[ $word != [=:] ]] || word=''
  _claude_routing_install_at "$path"
  if [[ -n $awaited ]]; then
    _claude_routing_install_values "$path" "$awaited"
  elif [[ $taken == --set/* && $word != -* && ( ${COMP_WORDS[COMP_CWORD]} == = || ${COMP_WORDS[COMP_CWORD - 1]} == = ) ]]; then
    _claude_routing_install_values "$path" --set
    kind=word known=$(compgen -W "$known" -- "${taken#--set/}=" | sed 's/^[^=]*=//')
  elif [[ $word == -* ]]; then
    kind=word known=$options
  elif [[ -n $below && $place == 0 ]]; then
    _claude_routing_install_values "$path" 0
    kind=word known="$below $known"
  else
    _claude_routing_install_values "$path" "$place"
    [[ -n $kind ]] || _claude_routing_install_values "$path" '*'
  fi
  case $kind in
    file)
      mapfile -t COMPREPLY < <(compgen -f -- "$word")
      compopt -o filenames 2>/dev/null
      ;;
    answer)
      mapfile -t COMPREPLY < <(compgen -W "$known" -- "$word" | sed 's/=.*/=/' | sort -u)
      compopt -o nospace 2>/dev/null
      ;;
    list)
      before=${word%"${word##*,}"}
      mapfile -t COMPREPLY < <(compgen -P "$before" -W "$known" -- "${word##*,}")
      ;;
    word) mapfile -t COMPREPLY < <(compgen -W "$known" -- "$word") ;;
  esac
}

complete -F _claude_routing_install claude-routing-install claude-routing-install.mjs
