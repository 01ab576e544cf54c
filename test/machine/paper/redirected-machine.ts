import { readFileSync } from 'node:fs';
import type { Elsewhere } from '../../../src/cli/begin-work.ts';

/**
 * Reads `machine.json` in the folder: the account, and which addresses stand for which, by their beginnings. Every
 * absolute path means the one below the folder; programs are found in its own directories only.
 */
export function redirectedMachine(folder: string): Elsewhere {
  const { account, addresses } = JSON.parse(readFileSync(`${folder}/machine.json`, 'utf8')) as {
    readonly account: Elsewhere['account'];
    readonly addresses: Readonly<Record<string, string>>;
  };
  const isBelow = (wanted: string) => wanted === folder || wanted.startsWith(`${folder}/`);
  const path = (wanted: string) => (isBelow(wanted) || !wanted.startsWith('/') ? wanted : `${folder}${wanted}`);
  return {
    account,
    notice: 'PAPER MACHINE: a folder stands for the machine, and stand-ins for its programs.',
    searchPath: ['usr/sbin', 'usr/bin', 'sbin', 'bin'].map((part) => `${folder}/${part}`).join(':'),
    ground: { path, url: (url) => redirected(url, addresses) },
  };
}

function redirected(url: string, addresses: Readonly<Record<string, string>>): string {
  const found = Object.entries(addresses).find(([beginning]) => url.startsWith(beginning));
  return found === undefined ? url : `${found[1]}${url.slice(found[0].length)}`;
}
