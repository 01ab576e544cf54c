import type { Explanation } from './explanation.ts';

/** The machine, the account, and this session. */
export const machineProblems = {
  'account-is-root': {
    meaning: 'this program runs as root, and rootless Docker refuses root',
    causes: 'It was started with sudo, or root is the only account.',
    fix: 'run it without sudo; where there is no other account:  claude-routing-install prepare-host',
  },
  'account-unknown': {
    meaning: 'the user of this process has no account on this machine',
    causes: 'A container or a service with a bare user id.',
    fix: 'getent passwd "$(id -u)"   then log in by ssh as a user that has an account',
  },
  'clock-wrong': {
    meaning: 'the clock of this machine is wrong, or nothing keeps it in sync',
    causes: 'A machine that was suspended; no time service; a network that blocks NTP.',
    fix: 'timedatectl   then  sudo timedatectl set-ntp true',
  },
  'disk-full': {
    meaning: 'a disk has no room left',
    causes: 'Images that nothing uses, logs, caches; or there are no inodes left for more files.',
    fix: 'df -h; df -i   then  docker system df  and  du -xh --max-depth=1 ~ | sort -h | tail',
  },
  'disk-gone': {
    meaning: 'a disk, a device or a network share has failed',
    causes: 'A cable, a failing disk, or a server that is off.',
    fix: 'sudo dmesg | tail -50; findmnt',
  },
  'disk-nearly-full': {
    meaning: 'a disk has less room than is needed',
    causes: 'Images that nothing uses, logs, caches.',
    fix: 'df -h; docker system df; du -xh --max-depth=1 ~ | sort -h | tail',
  },
  'disk-noexec': {
    meaning: 'no program on the disk of the home may be started',
    causes: 'It is mounted noexec, as rules for hardening ask for.',
    fix: 'findmnt -T ~   then  sudo mount -o remount,exec PLACE  and take noexec out of /etc/fstab',
  },
  'disk-read-only': {
    meaning: 'a disk is read-only',
    causes: 'It was mounted that way, or the system made it read-only after an error.',
    fix: 'findmnt; sudo dmesg | tail   then  sudo mount -o remount,rw PLACE',
  },
  'firewall-foreign': {
    meaning: 'another firewall is in use already',
    causes: 'ufw, firewalld or another one was switched on; the rules of one would undo those of the other.',
    fix: 'keep it:  --set system.firewall=false   or switch it off, for example  sudo ufw disable',
  },
  'firewall-would-lock-out': {
    meaning: 'the firewall would end a connection that is in use',
    causes: 'You are logged in from an address that is not in a private network.',
    fix: 'log in over your own network or VPN, or leave it off:  --set system.firewall=false',
  },
  'home-wrong': {
    meaning: 'HOME does not name the home folder of this account',
    causes: 'su or sudo -u without a login, or a variable set by a script.',
    fix: 'export HOME="$(getent passwd "$(id -u)" | cut -d: -f6)"',
  },
  'limit-of-session': {
    meaning: 'a limit of this session is reached: open files, programs, or the size of its environment',
    causes: 'A low ulimit, or another program that uses it up.',
    fix: 'ulimit -a; ps ux; env | wc -c   then  ulimit -n 4096',
  },
  'linger-off': {
    meaning: 'the services of this account end with its last session',
    causes: 'Lingering was switched off, or never on.',
    fix: 'sudo loginctl enable-linger "$USER"   or  claude-routing-install doctor --fix',
  },
  'memory-short': {
    meaning: 'this machine has no memory left',
    causes: 'Too many programs, or too little memory for what runs here.',
    fix: 'free -h; ps aux --sort -rss | head',
  },
  'no-login-session': {
    meaning: 'this shell has no login session and no service manager of this account',
    causes: 'The account was reached with su or sudo, which give none.',
    fix: 'exit   then log in by ssh as that account; or once:  sudo loginctl enable-linger USER',
  },
  'program-missing': {
    meaning: 'a program that is needed is not installed',
    causes: 'The installation did not finish, or it has since been removed.',
    fix: 'claude-routing-install',
  },
  'quota-used-up': {
    meaning: 'this account may not use more disk space',
    causes: 'Its quota is used up.',
    fix: 'quota -s   then make room, or have an administrator raise it',
  },
  'refused-by-system': {
    meaning: 'the system refused something',
    causes: 'What the problem names: a name that is too long, links across disks, a file that is not a program.',
    fix: 'look at the path that the problem names:  ls -ld PATH; file PATH; findmnt -T PATH',
  },
  'root-needed': {
    meaning: 'this part is for root, and you are not root',
    causes: 'prepare-host makes accounts and changes the system.',
    fix: 'sudo claude-routing-install prepare-host   or give an administrator  prepare-host --print-script',
  },
  'shell-outdated': {
    meaning: 'this shell was started before the installation, or as another user',
    causes: 'A shell keeps the variables and PATH it was started with.',
    fix: 'exec "$SHELL" -l   or close it and log in again',
  },
  'ssh-key-missing': {
    meaning: 'no SSH key is authorized for this account',
    causes: 'You log in with a password.',
    fix: 'on your own computer:  ssh-copy-id USER@HOST',
  },
  'sudo-needs-password': {
    meaning: 'sudo wants a password, and nobody can type it now',
    causes: 'The password was last typed too long ago, or the command runs without a terminal.',
    fix: 'sudo -v   then run the same command again: it goes on where it stopped',
  },
  'sudo-not-allowed': {
    meaning: 'this account may not use sudo',
    causes: 'It is not in the group sudo, and no rule names it.',
    fix: 'as root:  usermod -aG sudo USER   then log in again',
  },
  'system-unsupported': {
    meaning: 'this program does not install on this machine',
    causes: 'Another system than Debian 13, another processor, or no systemd.',
    fix: 'cat /etc/os-release; uname -m; ps -p 1   here,  claude-routing-install plan  and  answers  still work',
  },
} as const satisfies Record<string, Explanation>;
