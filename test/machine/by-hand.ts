/** The manual guide, followed by hand, with what people do beside it: an alias, an env block, a line of their own. */
export const BY_HAND = `set -e
sudo apt-get -qq update && sudo DEBIAN_FRONTEND=noninteractive apt-get -qq -y install ca-certificates curl git jq > /dev/null
sudo install -m 0755 -d /etc/apt/keyrings
sudo curl -fsSL https://download.docker.com/linux/debian/gpg -o /etc/apt/keyrings/docker.asc
sudo chmod a+r /etc/apt/keyrings/docker.asc
echo "deb [arch=$(dpkg --print-architecture) signed-by=/etc/apt/keyrings/docker.asc] https://download.docker.com/linux/debian $(. /etc/os-release && echo $VERSION_CODENAME) stable" | sudo tee /etc/apt/sources.list.d/docker.list > /dev/null
sudo apt-get -qq update
sudo DEBIAN_FRONTEND=noninteractive apt-get -qq -y install docker-ce docker-ce-cli containerd.io docker-buildx-plugin docker-compose-plugin uidmap dbus-user-session slirp4netns fuse-overlayfs > /dev/null
sudo systemctl disable --now docker.service docker.socket
sudo loginctl enable-linger $USER
dockerd-rootless-setuptool.sh install
systemctl --user enable --now docker
export DOCKER_HOST=unix:///run/user/$(id -u)/docker.sock
cat >> ~/.bashrc <<'RC'
# mine: keep this
alias ll='ls -la'
export PATH=/usr/bin:$PATH
export DOCKER_HOST=unix:///run/user/$(id -u)/docker.sock
[ -f ~/.config/claude-secrets.env ] && set -a && . ~/.config/claude-secrets.env && set +a
alias claude-local='ANTHROPIC_MODEL=local claude'
claude-routed() {
  [ -f ~/.config/claude-secrets.env ] && set -a && . ~/.config/claude-secrets.env && set +a
  CLAUDE_CONFIG_DIR="$HOME/.claude-routed" \\
  ANTHROPIC_BASE_URL="http://127.0.0.1:4000" \\
  ANTHROPIC_AUTH_TOKEN="$LITELLM_MASTER_KEY" \\
  ANTHROPIC_MODEL="claude-sonnet" \\
  ANTHROPIC_DEFAULT_HAIKU_MODEL="local" \\
  CLAUDE_CODE_ENABLE_GATEWAY_MODEL_DISCOVERY="1" \\
  CLAUDE_CODE_DISABLE_EXPERIMENTAL_BETAS="1" \\
  claude "$@"
}
RC
umask 077
mkdir -p ~/.config ~/litellm ~/.claude-routed
{ echo '# my keys'; echo LITELLM_MASTER_KEY=sk-local-made-by-hand-0123456789; echo "ANTHROPIC_DIRECT_KEY=$(cat ~/claude.key)"; echo OTHER_TOOL=kept; } > ~/.config/claude-secrets.env
cat > ~/litellm/config.yaml <<'YAML'
# mine
model_list:
  - model_name: local
    litellm_params:
      model: lm_studio/qwen/qwen3.6-35b-a3b
      api_base: http://10.77.0.20:1234/v1
      api_key: "lm-studio"
  - model_name: claude-sonnet
    litellm_params:
      model: anthropic/claude-sonnet-4-6
      api_key: os.environ/ANTHROPIC_DIRECT_KEY
litellm_settings:
  drop_params: true
YAML
cat > ~/.claude-routed/settings.json <<'JSON'
{
  "effortLevel": "high",
  "theme": "dark",
  "env": { "ANTHROPIC_BASE_URL": "https://api.anthropic.com", "MY_OWN": "1" }
}
JSON
set -a; . ~/.config/claude-secrets.env; set +a
docker run -d --name litellm --restart unless-stopped -p 127.0.0.1:4000:4000 -v ~/litellm/config.yaml:/app/config.yaml -e LITELLM_MASTER_KEY="$LITELLM_MASTER_KEY" -e ANTHROPIC_DIRECT_KEY="$ANTHROPIC_DIRECT_KEY" docker.litellm.ai/berriai/litellm:v1.108.14 --config /app/config.yaml --port 4000
`;
