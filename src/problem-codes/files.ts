import type { Explanation } from './explanation.ts';

/** Files and packages. */
export const filesProblems = {
  'apt-busy': {
    meaning: 'another program is installing packages',
    causes: 'Unattended upgrades, or apt in another terminal.',
    fix: "ps aux | grep -E 'apt|dpkg'   wait for it, then run the same command again",
  },
  'apt-interrupted': {
    meaning: 'an earlier installation of packages was interrupted',
    causes: 'A power cut, a lost connection, or a process that was killed.',
    fix: 'sudo dpkg --configure -a',
  },
  'apt-key-wrong': {
    meaning: 'the key of a package repository is not the one that was published',
    causes: 'A proxy or a login page answers in its place, or another file is there.',
    fix: 'move the file that the problem names away, check the network, and run the same command again',
  },
  'apt-package-broken': {
    meaning: 'a package cannot be installed or set up',
    causes:
      'Its own script fails, what it depends on is missing, on hold or pinned, or another package has one of its files.',
    fix: 'sudo dpkg --configure -a; sudo apt-get --fix-broken install   or remove it:  sudo apt-get remove NAME',
  },
  'apt-package-held': {
    meaning: 'a package that is needed is on hold, and apt leaves it alone',
    causes: 'Somebody ran  apt-mark hold.',
    fix: 'apt-mark showhold   then  sudo apt-mark unhold NAME',
  },
  'apt-package-unknown': {
    meaning: 'apt does not know a package',
    causes: 'Its lists are missing or old, or the main repository is switched off.',
    fix: 'sudo apt-get update; apt-cache policy NAME; ls /etc/apt/sources.list.d',
  },
  'apt-sources-wrong': {
    meaning: 'apt cannot read its list of sources or its settings, or cannot use one of the sources',
    causes:
      'A file in /etc/apt was written by hand or cut short, two name the same source with different keys, or a source is gone or not signed.',
    fix: 'sudo apt-get update   names file or source: correct it, or move it away',
  },
  'file-exists': {
    meaning: 'something is already where a file or folder is to be created or removed',
    causes: 'An earlier file of that name, or a folder that is not empty.',
    fix: 'ls -la PATH   then choose another name, or move it away',
  },
  'file-in-use': {
    meaning: 'a file is in use, or is a program that runs',
    causes: 'A program holds it open, or something is mounted there.',
    fix: 'fuser -v PATH; findmnt PATH',
  },
  'file-missing': {
    meaning: 'a file is missing',
    causes: 'A misspelling, a different folder than you think, or it has since been removed.',
    fix: 'ls -l PATH; pwd   a file of this program is written again by  claude-routing-install',
  },
  'file-too-large': {
    meaning: 'a file is larger than allowed',
    causes: 'It is not the intended file, or has grown by copies of the same lines.',
    fix: 'ls -lL PATH; ulimit -f',
  },
  'file-unreadable': {
    meaning: 'a file cannot be read or understood',
    causes: 'It belongs to another account, is damaged, or was edited.',
    fix: 'ls -l PATH; less PATH',
  },
  'link-broken': {
    meaning: 'a link leads nowhere, or back to itself',
    causes: 'What it leads to was moved, or is on a disk that is not mounted.',
    fix: 'namei -l PATH   then bring back what it leads to, or remove the link:  rm PATH',
  },
  'not-utf8': {
    meaning: 'a file holds bytes that are not UTF-8 text',
    causes: 'It was written by an editor with another encoding, or is not text.',
    fix: 'file PATH; iconv -f ISO-8859-1 -t UTF-8 PATH',
  },
  'packages-conflict': {
    meaning: 'installed packages conflict with those that are needed',
    causes: 'Debian’s own docker.io, podman-docker or containerd.',
    fix: '--set docker.removeConflicting=true   or remove them yourself with  sudo apt-get remove',
  },
  'packages-missing': {
    meaning: 'packages that were installed are missing now',
    causes: 'They were removed, e.g. by autoremove, or apt installed nothing.',
    fix: 'claude-routing-install doctor --fix',
  },
  'packages-unreadable': {
    meaning: 'the list of installed packages cannot be read',
    causes: 'The database of dpkg is damaged, or the machine has no memory left.',
    fix: 'dpkg-query -W | tail; sudo dpkg --audit',
  },
  'permission-denied': {
    meaning: 'this account may not use a file or folder',
    causes: 'It belongs to another account, often to root after a sudo command.',
    fix: 'namei -l PATH   then  sudo chown "$USER" PATH  where it should be yours',
  },
  'wrong-kind-of-file': {
    meaning: 'there is a folder where a file should be, or a file where a folder should be',
    causes: 'Another program made it, or a path was mistyped.',
    fix: 'ls -ld PATH   then move it away:  mv PATH PATH.before',
  },
} as const satisfies Record<string, Explanation>;
