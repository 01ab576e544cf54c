/** Our own `install.sh`, which does what the real one does: bootstrap binary of `latest`, checksum, `claude install TARGET`. */
export const CLAUDE_INSTALL_SCRIPT = `#!/bin/bash
# Stand-in for the installer script of Claude Code.
set -e
target="$1"
if [ -n "$target" ] && ! printf '%s' "$target" | grep -Eq '^(stable|latest|[0-9]+\\.[0-9]+\\.[0-9]+(-[^[:space:]]+)?)$'; then
  echo "usage: install.sh [stable|latest|VERSION]" >&2
  exit 1
fi
if command -v curl >/dev/null 2>&1; then
  get() { curl -fsSL "$1"; }
  save() { curl -fsSL -o "$2" "$1"; }
elif command -v wget >/dev/null 2>&1; then
  get() { wget -q -O - "$1"; }
  save() { wget -q -O "$2" "$1"; }
else
  echo "curl or wget is needed, and neither is installed" >&2
  exit 1
fi
[ "$(uname -s)" = Linux ] || { echo "this stand-in serves Linux only" >&2; exit 1; }
case "$(uname -m)" in
  x86_64 | amd64) platform=linux-x64 ;;
  aarch64 | arm64) platform=linux-arm64 ;;
  *) echo "no build for $(uname -m)" >&2; exit 1 ;;
esac
base=https://downloads.claude.ai/claude-code-releases
directory="$HOME/.claude/downloads"
mkdir -p "$directory"
version=$(get "$base/latest")
wanted=$(get "$base/$version/manifest.json" | tr -d ' \\n' |
  sed -n "s/.*\\"$platform\\":{[^}]*\\"checksum\\":\\"\\([0-9a-f]\\{64\\}\\)\\".*/\\1/p")
[ -n "$wanted" ] || { echo "the manifest of $version has no $platform" >&2; exit 1; }
binary="$directory/claude-$version-$platform"
save "$base/$version/$platform/claude" "$binary" || { rm -f "$binary"; echo "the download failed" >&2; exit 1; }
if [ "$(sha256sum "$binary" | cut -d ' ' -f 1)" != "$wanted" ]; then
  rm -f "$binary"
  echo "Checksum verification failed" >&2
  exit 1
fi
chmod +x "$binary"
echo "Setting up Claude Code..."
status=0
"$binary" install \${target:+"$target"} || status=$?
rm -f "$binary"
[ "$status" = 0 ] && echo "Installation complete!"
exit "$status"
`;

/** Our own `mise.run`: the archive, its checksum, the binary to \`~/.local/bin/mise\` (or $MISE_INSTALL_PATH). */
export function miseInstallScript(version: string, arch: string, sha256: string): string {
  return `#!/bin/sh
# Stand-in for the installer script of mise.
set -eu
say() { [ "\${MISE_QUIET-}" = 1 ] || echo "$@" >&2; }
target="\${MISE_INSTALL_PATH:-$HOME/.local/bin/mise}"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
url=https://mise.jdx.dev/v${version}/mise-v${version}-linux-${arch}.tar.gz
say "mise: installing mise..."
if command -v curl >/dev/null 2>&1; then
  curl -fsSL -o "$work/mise.tar.gz" "$url"
elif command -v wget >/dev/null 2>&1; then
  wget -q -O "$work/mise.tar.gz" "$url"
else
  echo "curl or wget is needed, and neither is installed" >&2
  exit 1
fi
echo "${sha256}  $work/mise.tar.gz" | sha256sum -c - >/dev/null
tar -C "$work" --no-same-owner -xzf "$work/mise.tar.gz"
mkdir -p "$(dirname "$target")"
mv -f "$work/mise/bin/mise" "$target"
say "mise: installed successfully to $target"
`;
}

/** A Claude Code of a version that is no longer to be had: it says its version, and installs itself as the real one would. */
export function fakeClaude(version: string): string {
  return `#!/bin/sh
# Stand-in for Claude Code ${version}: knows --version and install, nothing else.
case "$1" in
  --version | -v) echo "${version} (Claude Code)" ;;
  install)
    mkdir -p "$HOME/.local/share/claude/versions" "$HOME/.local/bin"
    [ -e "$HOME/.local/share/claude/versions/${version}" ] || cp "$0" "$HOME/.local/share/claude/versions/${version}"
    ln -sf "$HOME/.local/share/claude/versions/${version}" "$HOME/.local/bin/claude"
    ;;
  *) echo "this is a stand-in for Claude Code ${version}" >&2; exit 1 ;;
esac
`;
}

/** A Python that says its version and runs nothing. */
export function standInPython(version: string): string {
  return `#!/bin/sh
# Stand-in for Python ${version}: no interpreter.
case "\${1-}" in
  --version | -V) echo "Python ${version} (stand-in)" ;;
  *) echo "this is a stand-in for Python ${version}; it runs no programs" >&2; exit 1 ;;
esac
`;
}

/** What mise rewrites after it has unpacked a Python, in the form that it can read. */
export const PYTHON_SYSCONFIG = `# system configuration generated and used by the sysconfig module
build_time_vars = {
    "CC": "cc",
    "prefix": "/install"
}
`;

/**
 * mise's system-wide settings for a machine whose Python comes from here, to be written to /etc/mise/config.toml:
 * the archive carries no attestation by GitHub, and the list of versions is that of the ready-made builds.
 */
export const MISE_SYSTEM_CONFIG = `[settings.python]
compile = false
github_attestations = false
`;
