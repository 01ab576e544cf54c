import type { Explanation } from './explanation.ts';

/** Claude Code, the launchers and the shell. */
export const clientProblems = {
  'alias-hides-launcher': {
    meaning: 'an alias has the name of a launcher',
    causes: 'An earlier manual setup.',
    fix: 'claude-routing-install doctor --fix   then open a new shell',
  },
  'client-unwell': {
    meaning: 'Claude Code reports a problem with its own installation',
    causes: 'What  claude doctor  reports.',
    fix: 'claude doctor',
  },
  'client-version-refused': {
    meaning: 'this release of Claude Code does not work with a gateway',
    causes: 'A few releases sent things that no gateway can pass on.',
    fix: 'claude-routing-install update claude-code',
  },
  'effort-unknown': {
    meaning: 'the settings ask for an effort that the model does not support',
    causes: 'effortLevel was set for another model.',
    fix: 'claude-routing-install doctor --fix   or change it in Claude Code:  /effort',
  },
  'launcher-failed': {
    meaning: 'a launcher was tried and did not answer',
    causes: 'The gateway, the key or the client; the problem quotes what it said.',
    fix: 'claude-local -p hi --debug; claude-routing-install doctor',
  },
  'launchers-not-in-path': {
    meaning: 'the login shell does not find the launchers',
    causes: 'Its start-up files do not read ours, or reset PATH after them.',
    fix: 'claude-routing-install doctor --only path',
  },
  'limits-overridden': {
    meaning: 'settings override the launchers’ window or limits',
    causes: 'Managed settings or those of a project set such variables.',
    fix: 'claude-routing-install doctor why   names the file and the line',
  },
  'path-overwritten': {
    meaning: 'PATH of this shell lacks the folders of the system itself',
    causes: 'A line of a start-up file gives PATH a new value without $PATH in it, or su was typed without a dash.',
    fix: 'export PATH=/usr/local/bin:/usr/bin:/bin:$PATH   then correct the line that sets it',
  },
  'program-in-front': {
    meaning: 'a program of the same name comes before a launcher in PATH',
    causes: 'Another folder comes first in PATH.',
    fix: 'type -a claude-local',
  },
  'route-variable-set': {
    meaning: 'a variable or setting sends Claude Code’s requests a different way than you chose',
    causes: 'A start-up file, a service or a settings file sets it.',
    fix: 'claude-routing-install doctor why   names the file and the line',
  },
  'settings-unusable': {
    meaning: 'a settings file cannot be understood',
    causes: 'An extra comma, a comment, or a missing quotation mark.',
    fix: 'python3 -m json.tool FILE   names the line',
  },
  'several-clients': {
    meaning: 'there is more than one Claude Code',
    causes: 'It was also installed by npm or Homebrew.',
    fix: 'type -a claude   then remove the one that you do not want',
  },
  'start-up-file-unclear': {
    meaning: 'a start-up file of the shell cannot be edited safely',
    causes: 'A quotation that never ends, a function within other commands, or half of our block.',
    fix: 'bash -n FILE   then correct the line that the problem names',
  },
} as const satisfies Record<string, Explanation>;
