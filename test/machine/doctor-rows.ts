import type { World } from './world.ts';

/**
 * The gateway without its guard, and up: LiteLLM's first answer to the guard's question takes it seconds, and a busy
 * machine a minute.
 */
const UNGUARDED = `
sed -i '/routing_guard.proxy_handler_instance/d' ~/litellm/config.yaml && docker restart litellm &&
key=$(sed -n s/^LITELLM_MASTER_KEY=//p ~/.config/claude-secrets.env) &&
for wait in $(seq 60); do
  status=$(curl -s -m 30 -o /dev/null -w '%{http_code}' -H "Authorization: Bearer $key" -H 'x-claude-routing: proof; local-only' \\
    -H 'content-type: application/json' -d '{"messages":[{"role":"user","content":"x"}]}' http://127.0.0.1:4000/v1/messages/count_tokens)
  case $status in [245]*) curl -sf -o /dev/null -H "Authorization: Bearer $key" http://127.0.0.1:4000/v1/models && break ;; esac
  sleep 1
done`;

/** One thing that is broken on purpose, how the doctor has to name it, and how it is fixed. */
export interface Row {
  readonly name: string;
  /** A command of the machine's user, or of root where it begins with `root:`; or what happens to the world around it. */
  readonly plant?: string | ((world: World) => void | Promise<void>);
  /** Typed in the same shell before the doctor is called: what a person's session is like. */
  readonly shell?: string;
  /** Further words for the doctor, such as --set. */
  readonly words?: string;
  readonly finds: string;
  /** On evidence and cause, as JSON. */
  readonly seen: RegExp;
  /**
   * `--fix` where nothing is said; `typed`: the very words that the diagnosis says, or the part of them that the pattern finds, with what a
   * person would add; a command or a change of the world where the fix is an editor or another machine.
   */
  readonly remedy?:
    | { readonly typed: RegExp; readonly with?: string; readonly asRoot?: true }
    | { readonly byHand: string | ((world: World) => void | Promise<void>) };
  /** Puts back what belongs to the plant and not to the check. */
  readonly after?: string | ((world: World) => void | Promise<void>);
}

const secretsFile = '~/.config/claude-secrets.env';
const claudeModel = 'qwen/qwen3.6-35b-a3b';

const stateFolder = '/home/claude/.local/state/claude-routing';
/** What it holds, on a disk of its own. */
const ownDisk = `cp -a ${stateFolder} /tmp/state && mount -t tmpfs -o size=20m,uid=1000,gid=1000,mode=700 tmpfs ${stateFolder} && cp -a /tmp/state/. ${stateFolder} && rm -r /tmp/state`;

/** The rows of the guide's troubleshooting map, in its order. */
const guide: readonly Row[] = [
  {
    name: 'no user bus: variables of another session',
    shell: 'export XDG_RUNTIME_DIR=/run/user/0 DBUS_SESSION_BUS_ADDRESS=unix:path=/run/user/0/bus;',
    finds: 'user-bus',
    seen: /XDG_RUNTIME_DIR=\/run\/user\/0/,
    remedy: { typed: /export XDG_RUNTIME_DIR=.*/ },
  },
  {
    name: 'no user bus: somebody tidied up /run',
    plant: 'rm /run/user/1000/bus',
    finds: 'user-bus',
    seen: /bus.*does not answer/,
  },
  {
    name: 'apt installed nothing: a package is missing',
    plant: 'root: DEBIAN_FRONTEND=noninteractive apt-get -qy remove htop',
    finds: 'packages',
    seen: /htop is not installed/,
  },
  {
    name: 'apt installed nothing: dpkg was interrupted',
    plant: 'root: cd /tmp && apt-get -q download htop && dpkg --unpack htop_*.deb && rm htop_*.deb',
    finds: 'apt',
    seen: /dpkg\/status","text":"htop is unpacked/,
  },
  {
    name: 'apt installed nothing: no package lists',
    plant: 'root: rm -rf /var/lib/apt/lists/*',
    finds: 'apt',
    seen: /\/var\/lib\/apt\/lists/,
  },
  {
    name: 'Permission denied: not in the group sudo',
    plant: 'root: gpasswd -d claude sudo && mkdir /root/away && mv /etc/sudoers.d/* /root/away/',
    finds: 'sudo',
    seen: /id -nG claude/,
    remedy: { typed: /\/usr\/sbin\/usermod -aG sudo claude/, asRoot: true },
    after: 'root: mv /root/away/* /etc/sudoers.d/ && rmdir /root/away',
  },
  {
    name: '401 Malformed API Key: the gateway’s key is empty',
    plant: `sed -i 's/^LITELLM_MASTER_KEY=.*/LITELLM_MASTER_KEY=/' ${secretsFile}`,
    finds: 'gateway-key',
    seen: /claude-secrets\.env","line":\d+/,
  },
  {
    name: '401: the gateway was started with a different key',
    plant: `sed -i 's/^LITELLM_MASTER_KEY=.*/LITELLM_MASTER_KEY=sk-another/' ${secretsFile}`,
    finds: 'gateway-key',
    seen: /does not accept our key/,
  },
  {
    name: 'model may not exist: beta headers',
    plant: "sed -i '/DISABLE_EXPERIMENTAL_BETAS/d' ~/.local/bin/claude-routed",
    finds: 'betas',
    seen: /claude-routed/,
  },
  {
    name: 'model may not exist: stray base URL',
    plant: "echo 'export ANTHROPIC_BASE_URL=https://elsewhere.example' >> ~/.profile",
    finds: 'stray-route',
    seen: /\.profile","line":\d+/,
  },
  {
    name: 'model may not exist: the gateway lacks a name',
    plant:
      "sed -i 's/model_name: local-only/model_name: anthropic-lokal/' ~/litellm/config.yaml && docker restart litellm && until curl -sf -m 3 127.0.0.1:4000/health/readiness; do sleep 1; done",
    finds: 'model-names',
    seen: /anthropic-lokal/,
  },
  {
    name: 'requests bypass the gateway: env in the routed settings',
    plant: `echo '{\n  "theme": "auto",\n  "env": { "ANTHROPIC_BASE_URL": "https://api.anthropic.com" }\n}' > ~/.claude-routed/settings.json`,
    finds: 'routed-settings',
    seen: /settings\.json","line":3/,
  },
  {
    name: 'requests bypass the gateway: env in your own settings',
    plant: `mkdir -p ~/.claude && echo '{\n  "env": { "ANTHROPIC_BASE_URL": "http://127.0.0.1:9" }\n}' > ~/.claude/settings.json`,
    finds: 'settings',
    seen: /\.claude\/settings\.json","line":2/,
    remedy: { byHand: 'rm ~/.claude/settings.json' },
  },
  {
    name: 'subscription bills the API: key in ~/.bashrc',
    plant: "echo 'export ANTHROPIC_API_KEY=sk-ant-planted' >> ~/.bashrc",
    finds: 'api-key',
    seen: /\.bashrc","line":\d+/,
  },
  {
    name: 'subscription bills the API: key in the secrets file',
    plant: `sed -i 's/^ANTHROPIC_DIRECT_KEY=/ANTHROPIC_API_KEY=/' ${secretsFile}`,
    finds: 'api-key',
    seen: /claude-secrets\.env","line":\d+/,
  },
  {
    name: 'subscription bills the API: key in systemd’s user environment',
    plant:
      'systemctl --user set-environment ANTHROPIC_API_KEY=sk-ant-planted && mkdir -p ~/.config/environment.d && echo ANTHROPIC_API_KEY=sk-ant-planted > ~/.config/environment.d/key.conf',
    finds: 'api-key',
    seen: /show-environment.*|environment\.d\/key\.conf","line":1/,
  },
  {
    name: 'xhigh rejected',
    plant: `sed -i 's/"effortLevel": *"high"/"effortLevel": "xhigh"/; t; s/^{/{\\n  "effortLevel": "xhigh",/' ~/.claude-routed/settings.json`,
    words:
      "--only effort --set 'cloud.foundry={resource: myfoundry, deployments: {sonnet: claude-sonnet-4-6}}' --set cloud.main=foundry/claude-sonnet-4-6",
    finds: 'effort',
    seen: /settings\.json","line":\d+/,
  },
  {
    name: 'n_keep >= n_ctx: window too small',
    plant: (world) => setLoaded(world, 8192),
    finds: 'model',
    seen: /loaded now: 8192/,
  },
  {
    name: 'background never hits local: ANTHROPIC_SMALL_FAST_MODEL',
    plant: "echo 'export ANTHROPIC_SMALL_FAST_MODEL=local' >> ~/.profile",
    finds: 'small-fast-model',
    seen: /\.profile","line":\d+/,
  },
  {
    name: 'a start-up file is a folder',
    plant: 'mkdir ~/.bash_aliases',
    finds: 'home',
    seen: /\.bash_aliases","text":"a directory"/,
    remedy: { typed: /mv .*/ },
    after: 'rm -r ~/.bash_aliases.before',
  },
  {
    name: 'a start-up file of root',
    plant: 'root: chown root:root ~claude/.profile && chmod 600 ~claude/.profile',
    finds: 'home',
    seen: /may not read .*\.profile/,
    remedy: { typed: /sudo chown .*/ },
    after: 'chmod 644 ~/.profile',
  },
  {
    name: 'a folder of ours that root has become the owner of',
    plant: 'root: chown -R root: ~claude/litellm',
    finds: 'home',
    seen: /litellm .*belongs to another account/,
    remedy: { typed: /sudo chown -R .*/ },
  },
  {
    name: "unexpected token '(': alias and function of one name",
    plant: `printf '%s\\n' "alias claude-routed='claude --model x'" >> ~/.bash_aliases; printf '%s\\n' '. ~/.profile' "alias claude-local=claude" > ~/.bash_profile`,
    finds: 'alias',
    seen: /\.bash_aliases","line":1.*|\.bash_profile","line":2/,
    after: 'rm -f ~/.bash_profile ~/.bash_aliases',
  },
];

/** What the chosen model is loaded with on the LM Studio of the world. */
function setLoaded({ lmStudio }: World, tokens: number): void {
  for (const model of lmStudio.settings.models.filter(({ key }) => key === claudeModel))
    model.loaded_instances = model.loaded_instances.map(({ id, config }) => ({
      id,
      config: { ...config, context_length: tokens },
    }));
}

/** Until systemd does not try any more. */
const RESTARTS = 'for turn in $(seq 6); do systemctl --user restart docker.service; sleep 0.5; done; true';

const READY = 'until curl -sf -m 3 127.0.0.1:4000/health/readiness; do sleep 1; done';

/** The traps of the stack and of the gateway. */
const traps: readonly Row[] = [
  {
    name: 'docker context: another one in use',
    plant: 'DOCKER_HOST= docker context use default',
    finds: 'docker-context',
    seen: /docker context show: default/,
  },
  { name: 'engine off', plant: 'systemctl --user stop docker.service', finds: 'engine', seen: /inactive/ },
  {
    name: 'engine hangs',
    plant: 'kill -STOP $(pgrep -u claude -x dockerd)',
    finds: 'engine',
    seen: /this account’s engine hangs/,
    remedy: {
      typed: /systemctl --user restart docker.service/,
      with: '; until curl -sf -m 2 http://127.0.0.1:4000/health/readiness; do sleep 0.5; done',
    },
  },
  {
    name: 'engine does not start: a mistake in its configuration',
    plant: `mkdir -p ~/.config/docker && echo '{ "log-driver": "local", }' > ~/.config/docker/daemon.json; ${RESTARTS}`,
    finds: 'engine',
    seen: /daemon\.json: invalid character/,
    remedy: {
      typed: /dockerd --validate --config-file \S+/,
      with: ` || { rm -r ~/.config/docker; systemctl --user reset-failed docker.service; systemctl --user start docker.service; }; ${READY}`,
    },
  },
  {
    name: 'engine does not start: a program of a package was gone, until systemd gave up',
    plant: `root: mv /usr/bin/newuidmap /root/ && sudo -iu claude XDG_RUNTIME_DIR=/run/user/1000 bash -c '${RESTARTS}'; mv /root/newuidmap /usr/bin/`,
    finds: 'engine',
    seen: /newuidmap.*not found/,
    after: READY,
  },
  {
    name: 'linger lost',
    plant: 'root: rm /var/lib/systemd/linger/claude',
    finds: 'linger',
    seen: /\/var\/lib\/systemd\/linger\/claude/,
  },
  {
    name: 'gateway told not to come back after a reboot',
    plant: 'docker update --restart no litellm',
    finds: 'drift',
    seen: /does not start with the engine/,
  },
  { name: 'gateway paused', plant: 'docker pause litellm', finds: 'gateway', seen: /is paused/ },
  { name: 'gateway stopped', plant: 'docker stop litellm', finds: 'gateway', seen: /exited/ },
  {
    name: 'gateway killed, and started again by the engine',
    plant:
      "kill -KILL $(docker inspect -f '{{.State.Pid}}' litellm) && until curl -sf -m 3 127.0.0.1:4000/health/readiness; do sleep 1; done",
    finds: 'restarts',
    seen: /RestartCount 1/,
    remedy: {
      typed: /docker restart litellm/,
      with: '; until curl -sf -m 3 127.0.0.1:4000/health/readiness; do sleep 1; done',
    },
  },
  {
    name: 'port taken',
    plant: `docker stop litellm && systemd-run --user --unit=holder --collect node -e "require('http').createServer((q, a) => a.end('hello')).listen(4000, '127.0.0.1')" && until ss -Hltn 'sport = :4000' | grep -q .; do sleep 0.2; done`,
    finds: 'port',
    seen: /ss -ltnp: .*node/,
    remedy: { typed: /kill \d+/, with: '; sleep 1; ./claude-routing-install.mjs doctor --fix --yes' },
  },
  {
    name: 'gateway configuration edited by hand',
    plant: "sed -i 's/drop_params: true/drop_params: false/' ~/litellm/config.yaml",
    finds: 'gateway-config',
    seen: /config\.yaml","line":\d+,"text":"drop_params: false/,
  },
  {
    name: 'hook missing',
    plant: 'rm ~/litellm/local_compat.py',
    finds: 'hook',
    seen: /local_compat\.py","text":"is not there/,
  },
  {
    name: 'guard not loaded',
    plant: UNGUARDED,
    finds: 'guard',
    seen: /config\.yaml","text":"callbacks: does not name routing_guard/,
  },
  {
    name: 'gateway version refused',
    plant:
      "image=$(docker container inspect -f '{{.Image}}' litellm) && docker tag $image ghcr.io/berriai/litellm:v1.107.0 && docker rm -f litellm && docker run -d --name litellm ghcr.io/berriai/litellm:v1.107.0 --version",
    finds: 'gateway-image',
    seen: /v1\.107\.0/,
    remedy: { typed: /docker rm -f litellm/, with: '; ./claude-routing-install.mjs doctor --fix --yes' },
    after: 'docker image rm ghcr.io/berriai/litellm:v1.107.0',
  },
  {
    name: 'Claude Code version refused',
    plant:
      'cd ~/.local/share/claude/versions && printf \'#!/bin/sh\\necho "2.1.266 (Claude Code)"\\n\' > 2.1.266 && chmod +x 2.1.266 && ln -sfn $PWD/2.1.266 ~/.local/bin/claude',
    finds: 'claude',
    seen: /--version: 2\.1\.266/,
    after: 'rm ~/.local/share/claude/versions/2.1.266',
  },
  {
    name: 'several Claude Codes',
    plant: 'mkdir -p ~/.claude/local && cp /bin/true ~/.claude/local/claude',
    finds: 'shadowed',
    seen: /\.claude\/local\/claude/,
    remedy: { typed: /rm -r .*/ },
  },
  {
    name: 'a launcher is shadowed',
    plant: 'mkdir -p ~/early && cp /bin/true ~/early/claude-routed',
    shell: 'export PATH=$HOME/early:$PATH;',
    finds: 'shadowed',
    seen: /early\/claude-routed/,
    remedy: { typed: /mv .*/ },
    after: 'rm -r ~/early',
  },
  {
    name: 'PATH without the launchers',
    shell: 'export PATH=/usr/bin:/bin;',
    finds: 'path',
    seen: /PATH=\/usr\/bin:\/bin/,
    remedy: { typed: /export PATH=.*/ },
  },
  {
    name: 'model names not discoverable: traffic switched off',
    plant: "echo 'export CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=0' >> ~/.profile",
    finds: 'no-discovery',
    seen: /\.profile","line":\d+/,
  },
  {
    name: 'LM Studio back on its loopback: refused',
    plant: async ({ lab }) => await lab.faults.refuse({ address: '10.77.0.20', port: 1234 }),
    finds: 'local-server',
    seen: /10\.77\.0\.20:1234/,
    remedy: { byHand: async ({ lab }) => await lab.faults.heal() },
  },
  {
    name: 'the container does not reach LM Studio',
    plant:
      'nsenter -U --preserve-credentials -n -t $(cat /run/user/1000/docker.pid) /usr/sbin/ip route add blackhole 10.77.0.20',
    finds: 'container-network',
    seen: /docker exec litellm/,
    remedy: {
      typed: /systemctl --user restart docker.service/,
      with: '; until curl -sf -m 3 127.0.0.1:4000/health/readiness; do sleep 1; done',
    },
  },
  {
    name: 'clock an hour behind',
    plant: ({ anthropic }) => void Object.assign(anthropic.settings, { clockAheadMilliseconds: 3_600_000 }),
    finds: 'clock',
    // A Date header tells whole seconds, cut off: the difference may come out as one second less than it is.
    seen: /(?:3599|36\d\d) s behind/,
    remedy: { byHand: ({ anthropic }) => anthropic.reset() },
  },
  {
    name: '/tmp full',
    plant: 'root: mount -t tmpfs -o size=20m tmpfs /tmp && head -c 15M /dev/zero > /tmp/heap',
    finds: 'disk',
    seen: /\/tmp","text":"df: \d MB/,
    remedy: { byHand: 'root: umount /tmp' },
  },
  {
    name: 'own state folder on a full disk',
    plant: `root: ${ownDisk} && head -c 15M /dev/zero > ${stateFolder}/filler`,
    finds: 'disk',
    seen: /claude-routing","text":"df: \d MB/,
    remedy: { byHand: `root: umount ${stateFolder}` },
  },
  {
    name: 'own state folder on a disk that has no room for a file',
    plant: `root: ${ownDisk} && mount -o remount,nr_inodes=30 ${stateFolder}`,
    finds: 'disk',
    seen: /claude-routing","text":"df -i: \d+ inodes free/,
    remedy: { byHand: `root: umount ${stateFolder}` },
  },
  {
    name: 'own state folder on a disk that can only be read',
    plant: `root: ${ownDisk} && mount -o remount,ro ${stateFolder}`,
    finds: 'disk',
    seen: /claude-routing: ro/,
    remedy: { byHand: `root: umount ${stateFolder}` },
  },
  {
    name: 'key of the cloud refused',
    plant: ({ anthropic }) => takeKey(anthropic, null),
    finds: 'cloud-key',
    seen: /ANTHROPIC_DIRECT_KEY, tried/,
    remedy: {
      typed: /claude-routing-install secrets set ANTHROPIC_DIRECT_KEY/,
      with: ' --from file:/home/claude/new.key --yes',
    },
  },
  {
    name: 'account without credit',
    plant: async (world) => {
      takeKey(world.anthropic, 'credit');
      await ask(world);
    },
    finds: 'cloud-refusals',
    seen: /status 400/,
    remedy: {
      byHand: async (world) => {
        takeKey(world.anthropic, null);
        await ask(world);
      },
    },
  },
  { name: 'secrets file open to others', plant: `chmod 644 ${secretsFile}`, finds: 'secrets-file', seen: /mode 644/ },
  {
    name: 'answers broken',
    plant: "sed -i 's/^  allowed: true/  allowed: perhaps/' ~/.config/claude-routing/answers.yaml",
    finds: 'answers',
    seen: /answers\.yaml","line":\d+/,
    remedy: { byHand: "sed -i 's/^  allowed: perhaps/  allowed: true/' ~/.config/claude-routing/answers.yaml" },
  },
  {
    name: 'request log closed to the gateway',
    plant: 'root: chown root: /home/claude/.local/state/claude-routing/requests',
    finds: 'request-log',
    seen: /owner 0/,
    remedy: { typed: /sudo chown .*/ },
  },
  {
    name: 'key of Foundry refused',
    plant: 'umask 077; echo 0123456789abcdef > ~/wrong.key',
    words:
      "--only foundry --set 'cloud.foundry={resource: myfoundry, deployments: {sonnet: claude-sonnet-4-6}, key: file:/home/claude/wrong.key}'",
    finds: 'foundry',
    seen: /does not accept this key/,
    remedy: { byHand: 'cp ~/foundry.key ~/wrong.key' },
  },
  {
    name: 'anything else: a launcher is gone',
    plant: 'rm ~/.local/bin/claude-local',
    finds: 'drift',
    seen: /claude-local/,
  },
];

/** The second key of the account, and the error that its requests for answers meet. */
function takeKey({ settings }: World['anthropic'], trouble: string | null): void {
  settings.keys = { 'sk-ant-api03-new': trouble };
}

async function ask({ machine }: World): Promise<void> {
  const key = "$(sed -n 's/^LITELLM_MASTER_KEY=//p' ~/.config/claude-secrets.env)";
  const body = JSON.stringify({
    model: 'claude-sonnet-5-5',
    max_tokens: 5,
    messages: [{ role: 'user', content: 'hi' }],
  });
  await machine.ssh(
    `curl -s -m 30 127.0.0.1:4000/v1/messages -H "Authorization: Bearer ${key}" -H 'content-type: application/json' -d '${body}'; sleep 1`,
  );
}

export const rows: readonly Row[] = [...guide, ...traps];
