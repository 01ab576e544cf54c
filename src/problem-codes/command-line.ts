import type { Explanation } from './explanation.ts';

/** The command line, who may be asked, and the runs of this program. */
export const commandLineProblems = {
  'another-run': {
    meaning: 'another run of this program, or a package manager, is changing this machine',
    causes:
      'A run in another terminal; a timer; unattended upgrades; an interrupted run of which a program is still going.',
    fix: 'claude-routing-install status   names the process; wait for it, then run the command again',
  },
  'backup-missing': {
    meaning: 'there is no backup to put back',
    causes: 'No run has replaced a file yet, or the backups were deleted.',
    fix: 'ls ~/.local/state/claude-routing/backups',
  },
  'change-without-effect': {
    meaning: 'everything was done, and the machine is still not as it should be',
    causes: 'Another program changes it back, or a command reported success and had failed.',
    fix: 'run the same command with  --verbose  and read what its last command says',
  },
  'check-failed': {
    meaning: 'a check could not run, so its result is unknown',
    causes: 'A file or folder that this account may not read; a program that does not start.',
    fix: 'claude-routing-install doctor --only CHECK   with the name of the check',
  },
  'command-failed': {
    meaning: 'a command ended with an error that this program does not recognise',
    causes: 'What the last lines of that command say; they are shown above the problem.',
    fix: 'read those lines, fix what they name, and run the same command again: it goes on where it stopped',
  },
  'command-line-unclear': {
    meaning: 'what was typed cannot be understood as a command of this program',
    causes: 'An extra word, or missing quotation marks around one with spaces.',
    fix: 'claude-routing-install help COMMAND',
  },
  'edited-by-hand': {
    meaning: 'a file of this program is not as it was written',
    causes: 'It was edited; or a backup or another program replaced it with an older one.',
    fix: 'claude-routing-install plan --verbose   shows the difference;  claude-routing-install   writes it again',
  },
  'nobody-to-agree': {
    meaning: 'changes need a yes, and there is no terminal to ask on',
    causes: 'The command runs in a script, a pipe or a service.',
    fix: 'add  --yes  to agree to what is shown, or type  claude-routing-install plan  to look only',
  },
  'nobody-to-ask': {
    meaning: 'something has to be answered, and there is no terminal to ask on',
    causes: 'The command runs in a script, a pipe or a service, and no file gives the answer.',
    fix: 'claude-routing-install answers init > answers.yaml   fill it in, then  --answers answers.yaml',
  },
  'not-as-wanted': {
    meaning: 'something on this machine is not as your answers want it',
    causes: 'It was changed or removed since the last run, or the last run did not finish.',
    fix: 'claude-routing-install plan   shows what is missing;  claude-routing-install   installs it',
  },
  'nothing-installed': {
    meaning: 'there is no installation for this account',
    causes: 'It was never made, it was removed, or it belongs to another account.',
    fix: 'claude-routing-install   or log in as the account that has it',
  },
  'option-unknown': {
    meaning: 'this command has no such option',
    causes: 'A misspelling, or an option of another command.',
    fix: 'claude-routing-install help COMMAND',
  },
  'option-value-wrong': {
    meaning: 'an option lacks its value, or has one that it does not take',
    causes: 'The value was left out, or another option follows in its place.',
    fix: 'claude-routing-install help COMMAND',
  },
  'output-lost': {
    meaning: 'the program’s output could not be written',
    causes: 'A full disk, a closed pipe, or a terminal that is gone.',
    fix: 'send it somewhere else, and run the same command again',
  },
  'program-fault': {
    meaning: 'a fault in this program itself',
    causes: 'Something its authors did not think of.',
    fix: 'run it again with  --verbose  and send what it says with your report; claude-routing-install doctor bundle  collects the rest',
  },
  'secret-on-command-line': {
    meaning: 'a key was typed where everyone on the machine can read it',
    causes: 'Command lines can be seen by every account, and shells keep them.',
    fix: 'claude-routing-install secrets set NAME   asks for it hidden; delete the line from the history of your shell',
  },
  'trial-gateway-stays': {
    meaning: 'the throw-away gateway could not be removed',
    causes: 'The Docker engine stopped, or does not answer.',
    fix: 'docker rm -f litellm-drill   or run the drill again, which removes it first',
  },
  'word-missing': {
    meaning: 'a command lacks a required word',
    causes: 'The name, file or key was left out.',
    fix: 'claude-routing-install help COMMAND',
  },
  'word-unknown': {
    meaning: 'there is no command, step, check, key or file of that name',
    causes: 'A misspelling; the problem names the nearest word that is known.',
    fix: 'claude-routing-install help',
  },
  'written-by-newer-version': {
    meaning: 'a file was written by a newer version of this program',
    causes: 'A newer version ran on this machine before.',
    fix: 'npx claude-routing-install@latest',
  },
} as const satisfies Record<string, Explanation>;
