import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { expect, it, onTestFinished } from 'vitest';
import { RealHost } from '../../src/host/real-host.ts';
import { createMasking } from '../../src/host/secret.ts';

/** As Linux keeps it (acl(5)): version 2, then tag, permissions and id of each entry; here user 1234 may read and write. */
const acl = '02000000 0100 0600 ffffffff 0200 0600 d2040000 0400 0400 ffffffff 1000 0600 ffffffff 2000 0000 ffffffff';
const attributes = { 'user.note': '6d696e65', 'system.posix_acl_access': acl.replaceAll(' ', '') };

function python(code: string, ...words: readonly string[]): string {
  return execFileSync('python3', ['-c', `import json, os, sys\n${code}`, ...words], { encoding: 'utf8' });
}

it.each([false, true])('ACL and extended attributes of a file outlive its text; by root: %s', async (sudo) => {
  const folder = mkdtempSync(`${tmpdir()}/attributes-`);
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = `${folder}/rc`;
  writeFileSync(path, 'old');
  mkdirSync(`${folder}/bin`);
  writeFileSync(`${folder}/bin/sudo`, '#!/bin/sh\nshift\nexec "$@"\n', { mode: 0o755 });
  const set =
    'for name, value in json.loads(sys.argv[2]).items(): os.setxattr(sys.argv[1], name, bytes.fromhex(value))';
  python(set, path, JSON.stringify(attributes));
  const host = new RealHost({
    uid: 1000,
    env: { PATH: `${folder}/bin:/usr/bin:/bin` },
    backupFolder: `${folder}/backups`,
    masking: createMasking(),
  });
  await host.perform({ do: 'write', path, content: 'new', mode: 0o660, sudo });
  const get = 'print(json.dumps({name: os.getxattr(sys.argv[1], name).hex() for name in os.listxattr(sys.argv[1])}))';
  expect(JSON.parse(python(get, path))).toEqual(attributes);
});
