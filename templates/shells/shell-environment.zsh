# Sourced by the marked block in .zshenv. Kept by claude-routing-install; what you change here is put back by the next run.

# Wanted by every zsh, also by the silent one behind "ssh HOST claude-routed".
case ":${PATH:-}:" in
  *:{{binDir}}:*) ;;
  *) export PATH={{binDir}}"${PATH:+:$PATH}" ;;
esac
export DOCKER_HOST={{dockerHost}}
