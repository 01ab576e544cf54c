import type { InstallerStep } from '../../context.ts';
import type { Secret } from '../../host/secret.ts';
import { filesBelow } from '../../resources/file.ts';
import type { FileResource } from '../../resources/resource.ts';
import { success } from '../../result.ts';
import { withValueReplaced } from './secrets-env.ts';

/**
 * Takes a key's former value out of every backup: what would be restored is then the file as it was, with the key that
 * works now. Comes after the proofs, so that the former value is there until the new one has been seen to work.
 */
export function formerValue(former: Secret, value: Secret): InstallerStep {
  return {
    id: 'former-value',
    title: 'former value',
    guidePhase: 'phase 8',
    why: 'A replaced key should not live on in a backup.',
    resources: async ({ layout }, probe) => {
      const files = await filesBelow(probe, layout.backupsDir);
      const texts = await Promise.all(files.map(async (path) => await probe.readFile(path)));
      return files
        .filter((_, index) => texts[index]?.includes(former.reveal()))
        .map((path) => cleaned(path, former, value));
    },
  };
}

function cleaned(path: string, former: Secret, value: Secret): FileResource {
  return {
    kind: 'file',
    id: 'backup',
    path,
    mode: 0o600,
    keepMode: true,
    disposable: true,
    content: (current = '') => success({ text: withValueReplaced(current, former, value) }),
  };
}
