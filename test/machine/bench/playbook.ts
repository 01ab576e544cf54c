import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import type { Machine } from '../lab/machine.ts';

const HOME = '/home/claude';
const RUNTIME = '/run/user/1000';
const DOCKER = { XDG_RUNTIME_DIR: RUNTIME, DOCKER_HOST: `unix://${RUNTIME}/docker.sock` };
const basePackages =
  'wget gnupg git build-essential ripgrep jq htop tmux unattended-upgrades python3 python3-venv pipx'.split(' ');
const dockerPackages =
  'docker-ce docker-ce-cli containerd.io docker-buildx-plugin docker-compose-plugin docker-ce-rootless-extras uidmap'.split(
    ' ',
  );
const copied = [
  '/etc/apt/keyrings',
  '/etc/apt/sources.list.d/docker.sources',
  ...['.bashrc', '.config/claude-routing', '.config/claude-secrets.env', 'litellm', '.claude-routed/settings.json'].map(
    (path) => `${HOME}/${path}`,
  ),
  ...['claude-routed', 'claude-local', 'claude-offline', 'claude-api'].map((name) => `${HOME}/.local/bin/${name}`),
];

/**
 * A playbook for ansible-core that checks what a run with nothing to do looks at, as a careful administrator would write it:
 * one task a thing, no facts gathered, folders copied as folders. Returns its path; what it copies lies beside it.
 */
export async function playbookFor(machine: Machine): Promise<string> {
  const folder = mkdtempSync('/tmp/playbook-');
  const files = `${folder}/files`;
  mkdirSync(files);
  const packed = await machine.onHost(`tar -cz -C / ${copied.map((path) => `.${path}`).join(' ')} | base64`);
  execFileSync('tar', ['-xz', '-C', files], { input: Buffer.from(packed.stdout, 'base64') });
  const plays = [
    { hosts: 'claude_boxes', gather_facts: false, name: 'The host', tasks: hostTasks(files) },
    {
      hosts: 'claude_boxes',
      gather_facts: false,
      name: 'The account',
      vars: { ansible_user: 'claude' },
      tasks: accountTasks(files),
    },
  ];
  const path = `${folder}/playbook.json`;
  writeFileSync(path, JSON.stringify(plays));
  return path;
}

type Task = Readonly<Record<string, unknown>>;

function hostTasks(files: string): readonly Task[] {
  const stopped = (name: string) => ({ 'ansible.builtin.systemd_service': { name, enabled: false, state: 'stopped' } });
  return [
    { 'ansible.builtin.apt': { name: basePackages } },
    { 'ansible.builtin.command': { cmd: 'loginctl enable-linger claude', creates: '/var/lib/systemd/linger/claude' } },
    copy(files, '/etc/apt/keyrings/docker.asc', '0644'),
    copy(files, '/etc/apt/sources.list.d/docker.sources', '0644'),
    { 'ansible.builtin.apt': { name: dockerPackages } },
    stopped('docker.service'),
    stopped('docker.socket'),
  ];
}

function accountTasks(files: string): readonly Task[] {
  const asked = (cmd: string) => ({ 'ansible.builtin.command': { cmd }, environment: DOCKER, changed_when: false });
  return [
    copy(files, `${HOME}/.config/claude-routing/answers.yaml`, '0600'),
    copy(files, `${HOME}/.config/claude-secrets.env`, '0600'),
    {
      'ansible.builtin.systemd_service': { name: 'docker.service', scope: 'user', enabled: true, state: 'started' },
      environment: DOCKER,
    },
    asked(`${HOME}/.local/bin/mise ls --current`),
    asked(`${HOME}/.local/bin/claude --version`),
    asked('docker image inspect ghcr.io/berriai/litellm:v1.108.14'),
    copy(files, `${HOME}/litellm/`),
    copy(files, `${HOME}/.local/bin/`),
    copy(files, `${HOME}/.claude-routed/settings.json`, '0600'),
    copy(files, `${HOME}/.bashrc`, '0644'),
    asked(`docker compose -f ${HOME}/litellm/compose.yaml ps --status running --quiet litellm`),
    { 'ansible.builtin.uri': { url: 'http://127.0.0.1:4000/health/readiness' } },
  ];
}

function copy(files: string, path: string, mode = 'preserve'): Task {
  return { 'ansible.builtin.copy': { src: `${files}${path}`, dest: path, mode } };
}
