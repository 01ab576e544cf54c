# Fetches a release, checks its maker's signature, and runs nothing that is not signed with the expected key.
#   bash -s -- claude-code stable|latest|VERSION FINGERPRINT [fetch]
#   bash -s -- mise DESTINATION FINGERPRINT
set -euo pipefail
umask 077
what=$1 target=$2 fingerprint=$3 only=${4-}

refuse() {
  printf '%s\n' "$1" >&2
  exit 1
}

kept=$HOME/.local/share/claude/versions
case $what in
  claude-code) place=$kept ;;
  *) place=${target%/*} ;;
esac
(umask 022 && mkdir -p "$place")
mkdir -p "$HOME/.cache"
drafts=$HOME/.cache/claude-routing-$what
# One at a time; who waits for one that was begun ahead says how far that is.
exec 9<"$place"
until flock -w 1 9; do
  tail -qc 79 "$drafts"-*/meter 2>/dev/null >&2 || true
  echo >&2
done
# What a killed run left behind.
rm -rf "$drafts"-*
# Not below /tmp, which may lie in memory and may run no programs.
work=$(mktemp -d "$drafts-XXXXXX")
trap 'rm -rf "$work"' EXIT
mkdir "$work/keys"
[ "$only" != fetch ] || exec 2>"$work/meter"

fetch() { # ADDRESS FILE
  local problem
  problem=$(curl -fsSL --proto '=https' --connect-timeout 20 --speed-limit 1 --speed-time 60 -o "$2" "$1" 2>&1) ||
    refuse "$1 could not be reached: ${problem##*$'\n'}"
}

fetch_large() { # ADDRESS FILE: the same, and curl's meter goes on to who runs this
  local problem
  problem=$(curl -fL --proto '=https' --connect-timeout 20 --speed-limit 1 --speed-time 60 -w '%{errormsg}' -o "$2" "$1" 2>&3) ||
    refuse "$1 could not be reached: $problem"
} 3>&2

# Needs no agent, no settings and no keys of the person.
gpg_alone() { gpg --homedir "$work/keys" --no-options --no-autostart --batch --quiet --trust-model always "$@"; }

signed() { # WHAT ARGUMENT…: gpg with these arguments finds one good signature, made with the expected key
  local name=$1
  shift
  gpg_alone --status-fd 3 "$@" 3>"$work/status" >/dev/null 2>&1 || true
  [ "$(grep -c '^\[GNUPG:\] VALIDSIG ' "$work/status")" = 1 ] &&
    grep -q '^\[GNUPG:\] GOODSIG ' "$work/status" &&
    grep -q "^\[GNUPG:\] VALIDSIG .* $fingerprint\$" "$work/status" ||
    refuse "$name is not signed with the key $fingerprint; nothing of it was run"
}

key_from() { # ADDRESS
  fetch "$1" "$work/key"
  gpg_alone --import "$work/key" >/dev/null 2>&1 || refuse "$1 gives no key that gpg can read"
}

releases=https://downloads.claude.ai/claude-code-releases
case $(uname -m) in
  x86_64) platform=linux-x64 ;;
  aarch64) platform=linux-arm64 ;;
  *) refuse "there is no release for $(uname -m)" ;;
esac

matches() { # FILE VERSION: the file is the one that the signed list of this release names
  local list=$work/manifest-$2.json expected
  fetch "$releases/$2/manifest.json" "$list"
  fetch "$releases/$2/manifest.json.sig" "$list.sig"
  signed "$releases/$2/manifest.json" --verify "$list.sig" "$list"
  # A list of another release is signed, too.
  [ "$(jq -r .version "$list")" = "$2" ] || refuse "$releases/$2/manifest.json is that of another release"
  expected=$(jq -r --arg platform "$platform" '.platforms[$platform].checksum' "$list")
  [ "$(sha256sum <"$1")" = "$expected  -" ] || refuse "$1 is not what the signed list of Claude Code $2 says"
}

claude_code() {
  local version=$target release before installed
  key_from https://downloads.claude.ai/keys/claude-code.asc
  case $target in
    stable | latest)
      fetch "$releases/$target" "$work/version"
      version=$(tr -d '[:space:]' <"$work/version")
      ;;
  esac
  [[ $version =~ ^[0-9]+\.[0-9]+\.[0-9]+$ ]] || refuse "$releases/$target names no release"
  # Its own installer takes a release that is kept already, and fetches none.
  release=$kept/$version
  before=$(ls "$kept")
  [ -e "$release" ] && (matches "$release" "$version") 2>/dev/null || {
    fetch_large "$releases/$version/$platform/claude" "$work/claude"
    matches "$work/claude" "$version"
    chmod 755 "$work/claude"
    mv -f "$work/claude" "$release"
  }
  printf 'Claude Code %s is signed with %s\n' "$version" "$fingerprint"
  [ "$only" != fetch ] || return 0
  (umask 022 && "$release" install "$target" 9<&-)
  installed=$(readlink -f "$HOME/.local/bin/claude")
  [ "$installed" != "$release" ] || return 0
  # It leaves the link to another release as it is, unless it fetched one itself, and checks no signature.
  [ -e "$installed" ] && ! grep -qxF "${installed##*/}" <<<"$before" || {
    ln -sfn "$release" "$HOME/.local/bin/claude"
    return
  }
  (matches "$installed" "${installed##*/}") || {
    rm -f "$installed" "$HOME/.local/bin/claude"
    refuse "what was installed was taken off again"
  }
}

mise() {
  key_from https://mise.jdx.dev/gpg-key.pub
  fetch https://mise.jdx.dev/install.sh.sig "$work/install.sh.sig"
  signed https://mise.jdx.dev/install.sh.sig --output "$work/install.sh" --decrypt "$work/install.sh.sig"
  printf "mise's installer is signed with %s\n" "$fingerprint"
  # The checksum of the release stands in the installer.
  (umask 022 && MISE_QUIET=1 MISE_INSTALL_PATH=$target sh "$work/install.sh")
}

case $what in
  claude-code) claude_code ;;
  mise) mise ;;
  *) refuse "unknown release: $what" ;;
esac
