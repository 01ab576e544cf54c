import { randomBytes } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Run, runInstaller } from '../machine/paper/installer.ts';
import { paperFoundry } from '../machine/paper/outside-world.ts';
import type { PaperMachine } from '../machine/paper/paper-machine.ts';
import { answersPath, install, sharedMachine, unwrapped } from './paper.ts';

/** Canaries in every input of the report; none of them may come out of it. */
describe('doctor bundle', () => {
  let machine: PaperMachine;
  let run: Run;
  let report: string;
  let path: string;
  const canary = (prefix = ''): string => `${prefix}${randomBytes(12).toString('hex')}`;
  const canaries = {
    gatewayLog: canary('sk-'),
    gatewayLogPlain: canary(),
    conversation: 'my-diary-of-today',
    config: canary('az'),
    compose: canary(),
    settings: canary('sk-ant-oat01-'),
    settingsPlain: 'opensesame-settings',
    helper: 'opensesame-helper',
    user: 'opensesame-user-settings',
    bashrc: 'opensesame-bashrc',
    journal: canary('sk-lm-'),
    journalPlain: 'opensesame-journal',
    shell: 'opensesame-this-shell',
    bearer: 'opensesame.bearer',
    mail: 'somebody@example.org',
    address: '203.0.113.77',
  };

  beforeAll(async () => {
    machine = await sharedMachine({ user: 'annabel' });
    const { layout, account, world } = machine;
    const foundry = paperFoundry.replace(/^https:\/\/|\.services.*$/g, '');
    writeFileSync(machine.onDisk('/foundry.key'), world.keys.foundry);
    appendToAnswers(foundry);
    const installed = await install(machine);
    expect([installed.exitCode, installed.exitCode === 0 ? '' : installed.output]).toEqual([0, '']);
    appendFileSync(layout.gatewayConfig, `# api_key: ${canaries.config}\n# ${canaries.mail} ${canaries.address}\n`);
    appendFileSync(layout.composeFile, `# password: ${canaries.compose}\n`);
    put(layout.routedSettings, {
      env: { ANTHROPIC_AUTH_TOKEN: canaries.settingsPlain, CLAUDE_CODE_OAUTH_TOKEN: canaries.settings },
      apiKeyHelper: `echo ${canaries.helper}`,
    });
    put(`${account.home}/.claude/settings.json`, { env: { ANTHROPIC_API_KEY: canaries.user } });
    appendFileSync(layout.bashrc, `export ANTHROPIC_API_KEY=${canaries.bashrc}\n`);
    const entry = { at: '2026-01-01T00:00:00Z', run: 'x', state: 'begun', step: 's', resource: 'r', do: 'run' };
    const what = `run --api-key=${canaries.journalPlain} ${canaries.journal}`;
    appendFileSync(layout.journal, `${JSON.stringify({ ...entry, what })}\nhalf a line\n`);
    machine.state.gatewayOutput = [
      `INFO key ${canaries.gatewayLog}`,
      `Authorization: Bearer ${canaries.bearer}`,
      `{"api_key": "${canaries.gatewayLogPlain}"}`,
      `{"messages": [{"role": "user", "content": "${canaries.conversation}"}]}`,
      `cannot reach ${canaries.address}`,
    ].join('\n');
    run = await runInstaller(machine, ['doctor', 'bundle'], { env: { ANTHROPIC_AUTH_TOKEN: canaries.shell } });
    const name = readdirSync(account.home).find((entryName) => entryName.startsWith('claude-routing-report-'));
    path = `${account.home}/${name}`;
    report = readFileSync(path, 'utf8');
  });

  function put(file: string, settings: object): void {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, JSON.stringify(settings, undefined, 2));
  }

  function appendToAnswers(resource: string): void {
    const text = readFileSync(answersPath(machine), 'utf8');
    const foundry = `  foundry:\n    resource: ${resource}\n    key: file:/foundry.key\n    deployments:\n      sonnet: claude-sonnet-4-6\n`;
    writeFileSync(answersPath(machine), text.replace(/^failover:/m, `${foundry}failover:`));
  }

  it('writes one file for the person alone, and says what was replaced', () => {
    expect(run.exitCode).toBe(0);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(unwrapped(run.output)).toMatch(/Replaced in it: key \d+ times, \d+ different ones/);
  });

  it('has no word of any canary', () => {
    const { world, account } = machine;
    const gatewayKey = /LITELLM_MASTER_KEY=(\S+)/.exec(readFileSync(machine.layout.secretsFile, 'utf8'))?.[1] ?? '';
    const hidden = { ...canaries, ...world.keys, gatewayKey, home: account.home, user: 'annabel', host: hostname() };
    const told = Object.entries(hidden).filter(([, value]) => value === '' || report.includes(value));
    expect(told.map(([name]) => name)).toEqual([]);
    expect(run.output).not.toMatch(/opensesame|sk-/);
  });

  it('tells everything that a helper needs', () => {
    for (const title of [
      'Versions',
      'Gateway',
      'Diagnoses',
      'Pending plan',
      'Variables that the launchers do not set',
      'Usage of seven days',
      '<home>/litellm/config.yaml',
      '<home>/litellm/compose.yaml',
      '<home>/.local/bin/claude-local',
      '<home>/.claude-routed/settings.json',
      '<home>/.bashrc, our block',
      'Last runs',
      'docker logs --tail 200 litellm',
      'systemctl --user status docker',
    ])
      expect(report).toContain(`== ${title} ==\n\n`);
    expect(report).toMatch(/^Claude Code {3}\d+\.\d+/m);
    expect(report).toMatch(/^LiteLLM {7}1\.108\.14-paper$/m);
    expect(report).toMatch(/install \S+ {2}ended with exit code 0/);
    expect(report).toContain('api_key: os.environ/ANTHROPIC_DIRECT_KEY');
    expect(report).toContain('cannot reach <address-');
    expect(report).toContain('(a line that quotes a request was left out)');
    expect(report).toContain('lines that could not be read: 1');
    expect(report).toContain('<resource-1>');
  });

  it('is in the journal, and takes the place of no other file', async () => {
    expect(readFileSync(machine.layout.journal, 'utf8')).toContain(`write ${path} (mode 600)`);
    const again = await runInstaller(machine, ['doctor', 'bundle', path]);
    expect([again.exitCode, unwrapped(again.output)]).toEqual([69, expect.stringContaining('already exists')]);
    expect(readFileSync(path, 'utf8')).toBe(report);
  });

  it('is printed and not written with --dry-run', async () => {
    const other = `${machine.account.home}/other.txt`;
    const { stdout } = await runInstaller(machine, ['doctor', 'bundle', 'other.txt', '--dry-run']);
    expect(stdout).toContain('== Versions ==');
    expect(existsSync(other)).toBe(false);
  });

  it('goes where it is told to, and says so to programs', async () => {
    const { stdout } = await runInstaller(machine, ['doctor', 'bundle', 'other.txt', '--json']);
    const told = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as { readonly path: string };
    expect(told.path).toBe(`${machine.account.home}/other.txt`);
    expect(existsSync(told.path)).toBe(true);
  });
});
