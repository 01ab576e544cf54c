import text from './debian-like.bashrc?raw';

/** A ~/.bashrc with the shapes that Debian's has: an early end for scripts, quotes in quotes, a substitution per line. */
export const debianLike = text;

/** What the manual guide has a person append, in the guide's order. */
export const guideLines = `export PATH=/usr/bin:$PATH
export DOCKER_HOST=unix:///run/user/$(id -u)/docker.sock
eval "$(~/.local/bin/mise activate bash)"
[ -f ~/.config/claude-secrets.env ] && set -a && . ~/.config/claude-secrets.env && set +a
`;

export const guideFunctions = ['claude-routed', 'claude-local'].map(guideFunction).join('');

function guideFunction(name: string): string {
  return String.raw`${name}() {
[ -f ~/.config/claude-secrets.env ] && set -a && . ~/.config/claude-secrets.env && set +a
CLAUDE_CONFIG_DIR="$HOME/.claude-routed" \
ANTHROPIC_BASE_URL="http://127.0.0.1:4000" \
ANTHROPIC_AUTH_TOKEN="$LITELLM_MASTER_KEY" \
ANTHROPIC_MODEL="${name === 'claude-local' ? 'local' : 'claude-sonnet'}" \
ANTHROPIC_DEFAULT_HAIKU_MODEL="local" \
CLAUDE_CODE_ENABLE_GATEWAY_MODEL_DISCOVERY="1" \
CLAUDE_CODE_DISABLE_EXPERIMENTAL_BETAS="1" \
claude "$@"
}
`;
}
