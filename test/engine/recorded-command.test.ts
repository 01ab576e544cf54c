import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shellLine } from '../../src/engine/describe-effect.ts';
import { fromShownLine, readRecorded, recordedCommand } from '../../src/engine/recorded-command.ts';

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

  it('keeps where its input came from', () => {
    const command = { file: 'bash', args: ['-s'], input: { download: 'https://mise.run' } };
    expect(fromShownLine(shellLine(command))).toEqual(recordedCommand(command));
    expect(recordedCommand(command).download).toBe('https://mise.run');
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
