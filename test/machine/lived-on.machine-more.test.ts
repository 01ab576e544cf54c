import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { differences, home, type Places, placesBelow, uninstall } from './uninstalling.ts';
import { openWorld, PROGRAM, type World } from './world.ts';

/** What an administrator set up, of each kind that an installation touches: rules of a firewall, services switched off and on, an engine of root, ids, a context. */
const LIVED_ON = `set -e
sudo apt-get -qq update
export DEBIAN_FRONTEND=noninteractive
sudo -E apt-get -qq -y install ca-certificates curl nftables fail2ban python3-systemd jq > /dev/null
sudo install -m 0755 -d /etc/apt/keyrings
sudo curl -fsSL https://download.docker.com/linux/debian/gpg -o /etc/apt/keyrings/mine.asc
echo "deb [arch=$(dpkg --print-architecture) signed-by=/etc/apt/keyrings/mine.asc] https://download.docker.com/linux/debian trixie stable" | sudo tee /etc/apt/sources.list.d/my-docker.list > /dev/null
sudo apt-get -qq update
sudo -E apt-get -qq -y install docker-ce docker-ce-cli containerd.io > /dev/null
sudo systemctl disable docker.socket
sudo systemctl disable --now fail2ban
printf '[sshd]\\nenabled = false\\n' | sudo tee /etc/fail2ban/jail.d/mine.local > /dev/null
printf '#!/usr/sbin/nft -f\\nflush ruleset\\ntable inet mine {\\n  chain input {\\n    type filter hook input priority 0; policy accept;\\n    tcp dport 23 drop\\n  }\\n}\\n' | sudo tee /etc/nftables.conf > /dev/null
sudo systemctl enable --now nftables
sudo systemctl restart docker
sudo usermod -aG docker $USER
printf 'anna:500000:65536\\n' | sudo tee -a /etc/subuid /etc/subgid > /dev/null
sudo loginctl enable-linger $USER
docker context create rootless --description mine --docker host=ssh://box.example > /dev/null
docker context use rootless > /dev/null
printf '{ "auths": {}, "currentContext": "rootless" }\\n' > ~/.docker/config.json
printf 'export DOCKER_HOST=unix:///var/run/docker.sock\\n' > ~/.bashrc
`;

/** How the machine is, line by line: a list that is longer or shorter afterwards has lost or kept something. */
const STATE = `list() { echo "# $1"; shift; "$@" 2>/dev/null | tr -s ' ' | sort; }
list packages dpkg-query -W -f '\${Package} \${db:Status-Status}\\n'
list manual apt-mark showmanual
list groups getent group
list accounts getent passwd
list lingering ls /var/lib/systemd/linger
list enabled systemctl list-unit-files --no-legend --state=enabled,disabled,masked
systemctl list-units --no-legend --plain --type=service,socket,timer --state=active | awk '{ print $1, "runs" }'
list firewall nft list tables
list rules nft -s list table inet mine
list zone timedatectl show -p Timezone
list ids cat /etc/subuid /etc/subgid
list own runuser -u claude -- env XDG_RUNTIME_DIR=/run/user/1000 systemctl --user list-unit-files --no-legend --state=enabled,disabled
`;

/** What Debian, or being used, changes by itself. */
const BY_ITSELF: readonly (readonly [line: RegExp, why: string])[] = [
  [
    /^(session-\d+\.scope|systemd-(timedated|hostnamed)\.service|apt-daily|dpkg-db-backup|user@0|user-runtime-dir@0)/,
    'comes and goes',
  ],
  [/^unattended-upgrades\.service runs/, 'Debian does not stop it when it takes the package away'],
  [/^(ssl-cert|unattended-upgrades):/, 'Debian takes no group back that a package made'],
  [/^\/etc\/(group|gshadow|passwd|shadow|subuid|subgid)- /, 'what shadow kept of a file before its last change'],
];

let world: World;
let before: { readonly state: readonly string[]; readonly home: Places; readonly etc: Places };

async function state(): Promise<readonly string[]> {
  const { stdout } = await world.machine.onHost('sh -s', { input: STATE, timeoutMs: 60_000 });
  return stdout.split('\n').filter((line) => !BY_ITSELF.some(([pattern]) => pattern.test(line)));
}

beforeAll(async () => {
  world = await openWorld();
  await world.writeAnswers({
    toolchain: { mise: true, tools: ['node@22'] },
    system: { fail2ban: true, firewall: true },
    launchers: { sentinel: true, statusLine: true, shellFunctions: true },
  });
  const lived = await world.machine.ssh('bash -s', { input: LIVED_ON, timeoutMs: 600_000 });
  expect(lived, lived.stdout + lived.stderr).toMatchObject({ exitCode: 0 });
  before = { state: await state(), home: await placesBelow(world, home), etc: await placesBelow(world, '/etc') };
});

afterAll(async () => await world?.close());

describe('a machine that an administrator has lived on', () => {
  it('is installed on, and the rules of the firewall are in the kernel beside theirs', async () => {
    const done = await world.install('--yes --answers answers.yaml');
    console.log(done.stdout);
    expect(done, done.stdout).toMatchObject({ exitCode: 0 });
    const { stdout } = await world.machine.onHost('nft list tables; systemctl is-active docker fail2ban');
    expect(stdout).toMatch(/table inet mine[\s\S]*table inet claude_routing[\s\S]*inactive\nactive/);
    expect(await world.machine.run(`${PROGRAM} plan`)).toMatch(/Nothing to do/);
  });

  it('is as it was after uninstall --purge: state for state, byte for byte', async () => {
    const done = await uninstall(world, '--purge');
    console.log(`kept:\n${done.kept.join('\n')}`);
    expect(done, done.output).toMatchObject({ exitCode: 0 });
    const after = await state();
    const lost = before.state.filter((line) => !after.includes(line));
    const more = after.filter((line) => !before.state.includes(line));
    const [inHome, inEtc] = [await placesBelow(world, home), await placesBelow(world, '/etc')];
    const all = [...differences(before.home, inHome), ...differences(before.etc, inEtc)];
    const changed = all.filter((line) => !BY_ITSELF.some(([pattern]) => pattern.test(line)));
    console.log(`lost:\n${lost.join('\n')}\nmore:\n${more.join('\n')}\nchanged:\n${changed.join('\n')}`);
    expect({ lost, more, changed, kept: done.kept }).toEqual({ lost: [], more: [], changed: [], kept: [] });
  });
});
