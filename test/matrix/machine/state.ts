import type { Machine } from '../../machine/lab/machine.ts';

/** A machine as lines `name → what`: files, packages, units, containers. */
export type MachineState = ReadonlyMap<string, string>;

/** What a run does anew, and what other programs keep for themselves. */
const apart = [
  '.local/share/docker',
  '.local/share/claude',
  '.local/share/mise',
  '.local/state/claude-routing/backups',
  '.local/state/claude-routing/requests',
  '.cache',
].map((path) => `/home/claude/${path}`);

/** What the client keeps for itself beside its settings. */
const ofClient = /^\/home\/claude\/\.claude(\.json|[^/]*\/(?!settings\.json))/;

const look = `
prune=(${apart.map((path) => `-path ${path} -o`).join(' ')} -false)
find /home/claude /etc /usr/local \\( "\${prune[@]}" \\) -prune -o -printf '%p\\t%y %m %u %l\\n'
find /home/claude /etc /usr/local \\( "\${prune[@]}" \\) -prune -o -type f -print0 | xargs -0 sha256sum | sed -E 's/^(\\S+)  (.*)/\\2 (content)\\t\\1/'
dpkg-query -W -f='package \${Package}\\t\${db:Status-Status} \${Version}\\n'
systemctl list-unit-files --no-legend --no-pager | awk '$2 != "transient" {print "unit " $1 "\\t" $2}'
as='runuser -u claude -- env XDG_RUNTIME_DIR=/run/user/1000 DBUS_SESSION_BUS_ADDRESS=unix:path=/run/user/1000/bus DOCKER_HOST=unix:///run/user/1000/docker.sock'
$as systemctl --user list-unit-files --no-legend --no-pager | awk '$2 != "transient" {print "unit of the user " $1 "\\t" $2}'
printf 'linger\\t%s\\n' "$(loginctl show-user claude -p Linger --value)"
$as docker container ls -a --format '{{.Names}}' | while read -r name; do
  printf 'container %s\\t%s\\n' "$name" "$($as docker container inspect -f '{{.State.Status}} {{.Config.Image}} {{json .Config.Labels}} {{json .HostConfig.PortBindings}} {{json .HostConfig.RestartPolicy}} {{json .HostConfig.Binds}} {{json .Config.User}} {{json .HostConfig.CapDrop}}' "$name")"
done
$as docker network ls --format 'network {{.Name}}	{{.Driver}}'
$as docker image ls --no-trunc --format 'image {{.Repository}}:{{.Tag}}	{{.ID}}'
`;

/** Everything that a run is to leave alike. */
export async function stateOf(machine: Machine): Promise<MachineState> {
  const looked = await machine.onHost('bash -s', { input: look, timeoutMs: 300_000 });
  if (looked.exitCode !== 0) throw new Error(`the look at the machine ended with ${looked.exitCode}: ${looked.stderr}`);
  const rows = looked.stdout.split('\n').filter((line) => line.includes('\t') && !ofClient.test(line));
  return new Map(rows.map((line) => [line.slice(0, line.indexOf('\t')), line.slice(line.indexOf('\t') + 1)] as const));
}

/** What is not the same, in words. `unsteady` are names of which two undisturbed runs say something different, too. */
export function unlike(found: MachineState, wanted: MachineState, unsteady: ReadonlySet<string>): readonly string[] {
  const names = [...new Set([...found.keys(), ...wanted.keys()])].filter((name) => !unsteady.has(name)).sort();
  return names
    .filter((name) => found.get(name) !== wanted.get(name))
    .map((name) => `${name}: ${found.get(name) ?? 'missing'}, not ${wanted.get(name) ?? 'there'}`);
}

/** Names of which two undisturbed runs say something different: times, random ids. */
export function unsteadyNames(one: MachineState, other: MachineState): ReadonlySet<string> {
  return new Set([...new Set([...one.keys(), ...other.keys()])].filter((name) => one.get(name) !== other.get(name)));
}

/** Half-written files, lines of the journal that are not whole, and programs of a run that still work. */
export async function leftovers(machine: Machine): Promise<readonly string[]> {
  const looked = await machine.onHost('bash -s', {
    input: `
find /home/claude /etc -path /home/claude/.local/share/docker -prune -o -regex '.*\\.[0-9a-f]+\\.new' -print | sed 's/^/a draft is left: /'
pgrep -u claude -af 'claude-routing-install|docker (compose|pull)' | sed 's/^/still at work: /'
node -e 'for (const line of require("fs").readFileSync(process.argv[1], "utf8").split("\\n").filter(Boolean)) try { JSON.parse(line) } catch { console.log("a line of the journal is not whole: " + line.slice(-80)) }' /home/claude/.local/state/claude-routing/journal.jsonl
true
`,
  });
  return looked.stdout.split('\n').filter((line) => line !== '');
}
