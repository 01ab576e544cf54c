"""Names that the modules, the launchers and the configuration agree on.

Written by claude-routing-install.
"""

ROUTE = "/v1/messages"
# What a launcher says of itself and of the folder it was started in.
ROUTING_HEADER = "x-claude-routing"
# Claude Code's own.
SESSION_HEADER = "x-claude-code-session-id"
# How the ids of the local model's deployments begin.
LOCAL_PREFIX = "lm-studio:"
