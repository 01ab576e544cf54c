import type { ErrorRow } from '../problem.ts';
import { shellWord } from '../shell/word.ts';

const unknownPackage = /E: (?:Unable to locate package|Package) '?([^\s']+)(?:' has no installation candidate|$)/m;
/** What apt says of a mirror or a proxy. */
const notConnected =
  /(?:Could not connect to|Unable to connect to|Cannot initiate the connection to) ([^\s,()]+?):?(?:\s|$)/m;
const brokenFile = /E: [^\n]*? (\/etc\/apt\/[^\s:]+)/;
const twoKeys = /Conflicting values set for option Signed-By regarding source (\S+) (\S+):/;
/** A web page in place of a signed list: apt has its own word for that. */
const pageInstead = /E: Failed to fetch (\S+) +Clearsigned file isn't valid, got 'NOSPLIT'/;
const unusable =
  /E: The repository '(\S+) (\S+) (?:InRelease|Release)' (is not signed|is no longer signed|does not have a Release file|no longer has a Release file)/;
const heldNow = /The following held packages will be changed:\n((?: .*\n)+)/;
const setUpFails = /^dpkg: error processing package (\S+) \(--\w+\):\n\s*(.*)/m;
const sameFile = /trying to overwrite '([^']+)', which is also in package (\S+)/;
const noRoom = /You don't have enough free space in (\S+?)\.?$/m;
const cannotBeSolved =
  /you have held broken packages|Unmet dependencies|The following packages have unmet dependencies/i;

/** What apt and dpkg say when they do not do what they are told, what it means here, and what to type. */
export const packageMeanings: readonly ErrorRow<string>[] = [
  {
    when: (said) => unknownPackage.test(said),
    code: 'apt-package-unknown',
    problem: (said) =>
      `apt knows no package ${unknownPackage.exec(said)?.[1]}, and one unknown name stops the whole installation`,
    fix: 'check that the main repository is in /etc/apt/sources.list.d and nothing in /etc/apt/preferences.d forbids it, then  sudo apt-get update',
  },
  {
    when: (said) => /Held packages were changed/.test(said),
    code: 'apt-package-held',
    problem: 'a package that is needed is on hold',
    fix: (said) =>
      `see which:  apt-mark showhold  and release it:  sudo apt-mark unhold ${heldNow.exec(said)?.[1]?.trim().split(/\s+/).join(' ') ?? 'NAME'}`,
  },
  {
    when: (said) => twoKeys.test(said),
    code: 'apt-sources-wrong',
    problem: (said) =>
      `two files name the package source ${sourceIn(twoKeys, said)} with different keys, and apt then reads none at all`,
    fix: (said) => `see which:  ${filesOf(twoKeys, said)}  and leave it in one of them:  sudo mv FILE FILE.off`,
  },
  {
    when: (said) => /E: Syntax error \/etc\/apt\//.test(said) || /The list of sources could not be read/.test(said),
    code: 'apt-sources-wrong',
    problem: (said) => `apt cannot read ${brokenFile.exec(said)?.[1] ?? 'its list of sources'}`,
    fix: (said) => {
      const file = brokenFile.exec(said)?.[1] ?? 'FILE';
      return `correct it, or move it away:  sudo mv ${shellWord(file)} ${shellWord(`${file}.off`)}`;
    },
  },
  {
    when: (said) => /Could not get lock|Unable to acquire the dpkg frontend lock/.test(said),
    code: 'apt-busy',
    problem:
      'another program is installing packages (unattended upgrades, perhaps) and did not finish within five minutes',
    fix: "see it with  ps aux | grep -E 'apt|dpkg'  and run this again when it is done",
  },
  {
    when: (said) => /dpkg was interrupted/.test(said),
    code: 'apt-interrupted',
    problem: 'an earlier installation of packages was interrupted',
    fix: 'finish it:  sudo dpkg --configure -a',
  },
  {
    when: (said) => sameFile.test(said),
    code: 'packages-conflict',
    problem: (said) =>
      `the package ${sameFile.exec(said)?.[2]} contains ${sameFile.exec(said)?.[1]}, and so does a package that is needed`,
    fix: (said) =>
      `remove it:  sudo apt-get remove ${shellWord(sameFile.exec(said)?.[2] ?? 'NAME')}  then run this again`,
  },
  {
    when: (said) => noRoom.test(said),
    code: 'disk-full',
    problem: (said) => `there is no room for the downloads in ${noRoom.exec(said)?.[1]}`,
    fix: (said) =>
      `delete packages that were downloaded earlier:  sudo apt-get clean  or see what takes the space:  df -h ${shellWord(noRoom.exec(said)?.[1] ?? '/')}`,
  },
  {
    when: (said) => setUpFails.test(said) && !/Read-only file system|No space left/.test(said),
    code: 'apt-package-broken',
    problem: (said) =>
      `the package ${setUpFails.exec(said)?.[1]} cannot be set up (${setUpFails.exec(said)?.[2]}), and apt installs nothing else meanwhile`,
    fix: (said) =>
      `see why in the lines above, correct that and type  sudo dpkg --configure -a  or remove it:  sudo apt-get remove ${shellWord(setUpFails.exec(said)?.[1] ?? 'NAME')}`,
  },
  {
    when: (said) => cannotBeSolved.test(said),
    code: 'apt-package-broken',
    problem:
      'apt finds no way to install what is needed beside what is there: something is on hold, pinned, or of another release',
    fix: 'see what the lines above name, and  apt-mark showhold; cat /etc/apt/preferences.d/*; apt list --installed | grep local  Then try  sudo apt-get --fix-broken install',
  },
  {
    when: (said) => pageInstead.test(said),
    code: 'proxy-between',
    problem: (said) => `a login page or a proxy answers instead of the package source ${hostIn(said)}`,
    fix: (said) =>
      `see what answers:  curl -sSL ${shellWord(pageInstead.exec(said)?.[1] ?? 'ADDRESS')} | head  Log in to the network if it asks for that, then run this again`,
  },
  {
    when: (said) => notConnected.test(said),
    code: 'download-unreachable',
    problem: (said) => `apt cannot reach ${notConnected.exec(said)?.[1]}, which is a mirror or its proxy`,
    fix: 'see whether it is a proxy:  apt-config dump | grep -i proxy  and where it is set:  grep -ri proxy /etc/apt/apt.conf*  Correct it, then run this again',
  },
  {
    when: (said) => /^E: Failed to fetch .* 404 /m.test(said),
    code: 'download-unreachable',
    problem: 'the mirror no longer has a package that the lists of this machine name',
    fix: 'refresh the lists:  sudo apt-get update  then run this again',
  },
  {
    // Behind a proxy that wants a password, and if the clock is wrong, apt says this of every source.
    when: (said) => unusable.test(said) && !/Proxy Authentication|is not valid yet|is expired/.test(said),
    code: 'apt-sources-wrong',
    problem: (said) =>
      `the package source ${sourceIn(unusable, said)} cannot be used: it ${unusable.exec(said)?.[3]}, and apt refreshes no list then`,
    fix: (said) =>
      `see which file names it:  ${filesOf(unusable, said)}  and correct it, or move it away:  sudo mv FILE FILE.off`,
  },
];

function sourceIn(pattern: RegExp, said: string): string {
  const [, address, suite] = pattern.exec(said) ?? [];
  return `${address} ${suite}`;
}

/** apt shows an address with or without a slash at the end, as the file has it. */
function filesOf(pattern: RegExp, said: string): string {
  const address = pattern.exec(said)?.[1]?.replace(/\/$/, '') ?? '';
  return `grep -rlF ${shellWord(address)} /etc/apt/sources.list /etc/apt/sources.list.d`;
}

function hostIn(said: string): string {
  return /^\w+:\/\/([^/]+)/.exec(pageInstead.exec(said)?.[1] ?? '')?.[1] ?? 'that apt asks';
}
