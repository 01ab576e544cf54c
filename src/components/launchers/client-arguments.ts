import template from '../../../templates/launchers/launcher-tools.bash?raw';
import { filledWith } from '../../text/template.ts';

/** What the local model is offered by default; Claude Code's other tools make the first prompt four times longer. */
export const coreTools = ['Bash', 'Read', 'Edit', 'Write', 'Grep', 'Glob'] as const;

/** The launchers' own switch for all tools; the client never gets to see it. */
export const allToolsSwitch = '--all-tools';

/** Words with which the client 2.1.330 starts no conversation, also those that its help leaves out. */
export const clientCommands = [
  ...[
    'agents',
    'attach',
    'auth',
    'auto-mode',
    'daemon',
    'doctor',
    'environment-runner',
    'gateway',
    'import',
    'install',
  ],
  ...['kill', 'logs', 'mcp', 'plugin', 'plugins', 'project', 'ps', 'purge', 'rc', 'remote-control', 'respawn', 'rm'],
  ...['self-hosted-runner', 'setup-token', 'stop', 'ultrareview', 'update', 'upgrade'],
  ...['-h', '--help', '-v', '-V', '--version'],
] as const;

/** Bash that takes our switch out of the arguments and puts in front of them what the session needs. */
export function argumentsText({ allLocal, lean }: { readonly allLocal: boolean; readonly lean: boolean }): string {
  return filledWith(template, {
    tools: allLocal && lean ? coreTools.join(',') : "''",
    mode: allLocal ? askPerson : "''",
    commands: clientCommands.join(' | '),
    options: allLocal ? `${sameEverywhere} ` : '',
  });
}

/**
 * Moves directory, date and the path of the memory out of the system prompt, so that its text and the tools are the same
 * in every conversation and directory, and a server has to read them only once.
 */
const sameEverywhere = '--exclude-dynamic-system-prompt-sections';

/** The mode in which the person is asked. Since 2.1.330 a terminal session starts in another one, in which the model is. */
const askPerson = 'default';
