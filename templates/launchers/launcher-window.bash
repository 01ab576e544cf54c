# The model may have been loaded anew since this was installed. Asked past every proxy, for a quarter of a second at each server.
window={{window}}
ask() { # PATH…: each answer with a record separator behind it; the token never stands among the arguments
  local left=$((deadline - ${EPOCHREALTIME/[^0-9]/})) token path
  [ "$left" -gt 0 ] || return 28
  token=$(secret {{tokenVariable}})
  {
    case $token in '' | $no_key) ;; *) printf 'header = "Authorization: Bearer %s"\n' "$token" ;; esac
    for path; do printf 'url = "%s"\n' "$server$path"; done
  } | timeout "$(printf '0.%06d' "$left")" curl -q -s -K - --noproxy '*' --fail-early -w $'\x1e'
}
loaded() { # SERVER: the tokens that the chosen model is loaded with, or "none"; nothing when the server does not tell
  local answers server=$1 deadline=$((${EPOCHREALTIME/[^0-9]/} + 250000))
  type -P curl jq timeout >/dev/null || return 0
  answers=$(ask /api/v1/models) || return
  jq -Rers --arg model {{model}} 'split("\u001e")[0] | fromjson
    | [.models[] | .key as $key | .loaded_instances[] | . + {key: $key}]
    | (map(select(.id == $model)) + map(select(.key == $model)))[0]
    | if . == null then "none" else .config.context_length end' <<<"$answers" 2>/dev/null && return
  # An older LM Studio, Ollama, llama.cpp and vLLM, in this order.
  answers=$(ask /api/v0/models /api/ps /props /v1/models)
  jq -Rrs --arg model {{model}} '[split("\u001e")[] | fromjson?
    | ((.data? // .models? // [])[]? | select(.id == $model or .name == $model)
      | .loaded_context_length, .context_length, .max_model_len), .default_generation_settings?.n_ctx?
    | numbers][0] // empty' <<<"$answers" 2>/dev/null || :
}
note() { [ -z {{notes}} ] || [ ! -t 2 ] || printf '%s: %s\n' {{name}} "$1" >&2; }
if [ -n "$conversation" ]; then
  for server in {{addresses}}; do
    now=$(loaded "$server") && server='' && break
  done
  [ -z "$server" ] || note {{silent}}
  case $now in
    none) note {{unloaded}} ;;
    *[!0-9]* | '' | "$window") ;;
    *)
      [ -z "$window" ] || note "the model is loaded with $now tokens now, not with $window; Claude Code is told so"
      window=$now
      ;;
  esac
  [ -z "$window" ] || export CLAUDE_CODE_MAX_CONTEXT_TOKENS="$window"{{alsoDeclared}}
fi
