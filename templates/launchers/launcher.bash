#!/bin/bash
# {{name}}: {{purpose}}
# Kept by claude-routing-install; what you change here is put back by the next run.
set -u

refuse() {
  printf '%s: %s\n' {{name}} "$1" >&2
  exit 69
}

# One line of the file and nothing else: sourcing it would hand every key in it to Claude Code and to what it starts.
secrets={{secrets}}
secret() { # NAME: the value of its last assignment
  local line value='' mark=''
  while IFS= read -r line || [ -n "$line" ]; do
    # Inside a value of several lines nothing is an assignment.
    if [ -n "$mark" ]; then
      case $line in *"$mark"*) mark='' ;; esac
      continue
    fi
    line=${line#"${line%%[![:space:]]*}"}
    case $line in export[[:space:]]*) line=${line#export} line=${line#"${line%%[![:space:]]*}"} ;; esac
    case $line in "$1"=*) value=${line#*=} ;; esac
    case ${line%%=*} in '' | *[!A-Za-z0-9_]*) continue ;; esac
    case ${line#*=} in \"* | \'*) mark=${line#*=} mark=${mark:0:1} ;; esac
    case ${line#*=} in "$mark"*"$mark"*) mark='' ;; esac
  done <"$secrets"
  value=${value%%[[:space:]]*}
  case $value in \"*\" | \'*\') value=${value:1:${#value}-2} ;; esac
  printf '%s' "$value"
}
[ -f "$secrets" ] || refuse "there is no $secrets; run: npx claude-routing-install"
[ -r "$secrets" ] && [ -O "$secrets" ] || refuse "$secrets does not belong to $(id -un); log in as its owner"
key=$(secret {{variable}}) no_key='*[!A-Za-z0-9._~+/=:@%-]*'
# Without a key of its own the client would send the saved subscription login instead.
[ -n "$key" ] || refuse "{{variable}} is empty or missing in $secrets; run: npx claude-routing-install"
case $key in $no_key) refuse "{{variable}} in $secrets has a character that a key does not have" ;; esac

claude={{claude}}
[ -x "$claude" ] || claude=$(type -P claude) || refuse 'Claude Code is not installed; run: npx claude-routing-install'

# Any of these would lead around the route below, or along it with another login.
unset -v{{unset}}

{{exports}}

{{session}}
export {{keyVariable}}="$key"
exec "$claude" "$@"
