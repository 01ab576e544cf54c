import { readFileSync } from 'node:fs';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * The order in which test files start. The first one installs the machine that others begin with; those who need it come
 * last, so that nobody waits for it meanwhile. Everything else is as Vitest orders it.
 */
export class FileOrder extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const ordered = await super.sort(files);
    const needsInstalled = ({ moduleId }: TestSpecification) =>
      /openInstalledWorld/.test(readFileSync(moduleId, 'utf8'));
    const [first, ...rest] = ordered.filter(needsInstalled);
    const others = ordered.filter((file) => !needsInstalled(file));
    const machines = others.filter(({ moduleId }) => moduleId.includes('/test/machine/'));
    const gateways = others.filter((file) => !machines.includes(file));
    return [...(first === undefined ? [] : [first]), ...machines, ...rest, ...gateways];
  }
}
