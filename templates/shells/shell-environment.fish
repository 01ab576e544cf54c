# Sourced by the marked block in config.fish. Kept by claude-routing-install; what you change here is put back by the next run.

# Wanted by every fish, also by the silent one behind "ssh HOST claude-routed".
contains -- {{binDir}} $PATH; or set -gx PATH {{binDir}} $PATH
set -gx DOCKER_HOST {{dockerHost}}
