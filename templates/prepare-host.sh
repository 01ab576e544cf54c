#!/bin/sh
# The part of claude-routing-install that needs root, for an administrator to read and run. Running it twice is harmless.
set -eu
user={{user}}
key={{key}}

[ "$(id -u)" = 0 ] || { echo 'run this as root' >&2; exit 69; }
. /etc/os-release
[ "${VERSION_CODENAME:-}" = trixie ] || { echo "this is ${PRETTY_NAME:-unknown}, not Debian 13" >&2; exit 69; }
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin

export DEBIAN_FRONTEND=noninteractive
apt-get -q update
apt-get -y -q -o DPkg::Lock::Timeout=300 -o Dpkg::Options::=--force-confold install {{packages}}

id -u "$user" >/dev/null 2>&1 || adduser --disabled-password --gecos '' "$user"
usermod -aG sudo "$user"
loginctl enable-linger "$user"

if [ -n "$key" ]; then
  runuser -l "$user" -c 'umask 077; mkdir -p ~/.ssh; touch ~/.ssh/authorized_keys'
  file=$(getent passwd "$user" | cut -d: -f6)/.ssh/authorized_keys
  grep -qxF "$key" "$file" || printf '%s\n' "$key" >> "$file"
fi
echo "Ready. Give $user a password (sudo asks for it):  passwd $user"
