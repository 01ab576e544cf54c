/** A home that somebody has lived in for years: files of every name that an installation touches, none of them plain. */
export const customisedHome = `set -e
umask 022
printf '# mine\\nalias ll="ls -la"\\nalias claude-local="echo my own"\\nexport DOCKER_HOST=unix:///run/user/1000/docker.sock\\nPS1="> "' > ~/.bashrc
chmod 600 ~/.bashrc
printf '# aliases\\nalias claude-routed=claude # short\\n' > ~/.bash_aliases
printf '. ~/.bashrc\\r\\n' > ~/.profile
mkdir -p ~/.local/bin ~/.local/share/notes ~/.config/systemd/user ~/.claude/projects/-home-claude ~/.claude-routed ~/.docker ~/litellm
printf '#!/bin/sh\\necho a program of mine\\n' > ~/.local/bin/claude-offline
chmod 700 ~/.local/bin/claude-offline
printf '{\\n\\t"auths": {\\n\\t\\t"registry.example": {\\n\\t\\t\\t"auth": "bWluZTptaW5l"\\n\\t\\t}\\n\\t}\\n}' > ~/.docker/config.json
chmod 600 ~/.docker/config.json
printf '{"theme":"dark"}' > ~/.claude/settings.json
printf '{}\\n' > ~/.claude/projects/-home-claude/mine.jsonl
printf '{\\n    "theme": "light",\\n    "env": { "ANTHROPIC_BASE_URL": "https://api.anthropic.com", "MINE": "1" }\\n}' > ~/.claude-routed/settings.json
chmod 640 ~/.claude-routed/settings.json
printf '# my keys\\nexport OTHER_TOOL=kept\\n' > ~/.config/claude-secrets.env
chmod 644 ~/.config/claude-secrets.env
printf 'model_list: [] # mine\\n' > ~/litellm/config.yaml
printf 'notes\\n' > ~/litellm/README
`;

/** What somebody adds to shared files after the installation. */
export const foreignLines = `set -e
printf "\\nalias added='echo since'\\n" >> ~/.bashrc
sed -i 's/"theme"/"addedSince": true, "theme"/' ~/.claude-routed/settings.json
printf 'ADDED_SINCE=1\\n' >> ~/.config/claude-secrets.env
`;
