import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromShownLine, readRecorded, recordedCommand } from '../../src/engine/action-log.ts';
import { shellLine } from '../../src/engine/describe-effect.ts';

const printable = fc.string({ unit: 'grapheme-ascii' });

describe('a command in the action log', () => {
  const commands = fc.record({
    file: fc.constantFrom('apt-get', '/home/me/.local/bin/mise', 'docker'),
    args: fc.array(printable, { maxLength: 5 }),
    sudo: fc.boolean(),
    env: fc.dictionary(fc.constantFrom('LC_ALL', 'XDG_RUNTIME_DIR', 'a_b'), printable, { maxKeys: 2 }),
  });

  it('is read as it was written', () => {
    fc.assert(
      fc.property(commands, (command) => {
        const recorded = recordedCommand(command);
        expect(readRecorded(JSON.parse(JSON.stringify(recorded)))).toEqual(recorded);
      }),
    );
  });

  it('of a release up to 1.1, which kept the shown line alone, is read from that', () => {
    fc.assert(
      fc.property(commands, (command) => {
        expect(fromShownLine(shellLine(command))).toEqual(recordedCommand(command));
      }),
    );
  });

  it('of such a release keeps where its input came from', () => {
    const recorded = { program: 'bash', args: ['-s'], download: 'https://mise.run' };
    expect(fromShownLine('curl -fsSL https://mise.run | bash -s')).toEqual(recorded);
    expect(readRecorded(recorded)).toEqual(recorded);
  });

  it.each([
    [undefined],
    [null],
    ['apt-get'],
    [{ program: 'x' }],
    [{ program: 1, args: [] }],
    [{ program: 'x', args: [1] }],
  ])('that has another shape is none: %j', (value) => {
    expect(readRecorded(value)).toBeUndefined();
  });
});
