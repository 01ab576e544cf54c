# A local model reads the description of every tool before its first word, so it is offered the core ones.
tools={{tools}} conversation=yes words=() option=''
# By itself the client would have the model check each of its commands first, with a prompt of 36,000 tokens.
mode={{mode}}
case $(cat "$CLAUDE_CONFIG_DIR/settings.json" .claude/settings{,.local}.json 2>/dev/null) in *'"defaultMode"'*) mode='' ;; esac
# What --allowedTools permits is offered too: "Bash(git *),WebFetch" names Bash and WebFetch.
offer() {
  local permitted=$1 names
  while [[ $permitted =~ \([^()]*\) ]]; do permitted=${permitted/"${BASH_REMATCH[0]}"/}; done
  read -r -d '' -a names <<<"${permitted//,/ }"
  local IFS=,
  [ -z "$tools" ] || [ ${#names[@]} = 0 ] || tools+=",${names[*]}"
}
while [ $# -gt 0 ] && [ "$1" != -- ]; do
  case $1 in
    --all-tools) tools='' && shift && continue ;;
    --tools | --tools=*) tools='' option=$1 ;;
    --permission-mode | --permission-mode=* | --dangerously-skip-permissions | --settings | --settings=*) mode='' option=$1 ;;
    --allowedTools=* | --allowed-tools=*) offer "${1#*=}" ;;
    -*) option=$1 ;;
    *) case $option in --allowedTools | --allowed-tools) offer "$1" ;; esac ;;
  esac
  words+=("$1") && shift
done
# A command of the client is none any more with an option in front of it.
case ${words[0]-} in
  {{commands}}) conversation='' ;;
  *) words=({{options}}${mode:+"--permission-mode=$mode"} ${tools:+"--tools=$tools"} "${words[@]}") ;;
esac
set -- "${words[@]}" "$@"
