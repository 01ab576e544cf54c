import fc from 'fast-check';

/**
 * How often each property is tried: a few times with the unit tests, thousands of times by `npm run test:properties`. A
 * failure names its seed and path; PROPERTY_SEED repeats one.
 */
const seed = process.env.PROPERTY_SEED;
const runs = Number(process.env.PROPERTY_RUNS ?? 30);
fc.configureGlobal({ numRuns: runs, ...(seed === undefined ? {} : { seed: Number(seed) }) });

/** For a property that starts a program each time. */
export const fewer = { numRuns: Math.ceil(runs / 5) };

/** Text of any kind, half of it made of what means something to shells, YAML, JSON and addresses. */
export const anyText = fc.oneof(
  // Any two bytes, halves of characters included.
  fc.array(fc.nat({ max: 0xffff }), { maxLength: 12 }).map((codes) => String.fromCharCode(...codes)),
  fc.string({ unit: 'grapheme' }),
  fc
    .array(
      fc.constantFrom(
        ...' \t\n"\'`\\${}[]()<#&|;:?*!%@,=~/.\u00a0\u2028\ufeffü😀',
        ...['\r\n', '${', '$(', '<<', ': ', '- ', '*a', '&a ', '..'],
        ...['x', '1', 'true', 'null', '0x1f', 'EOF', 'os.environ/HOME', '127.0.0.1', '::1', 'http://', '---'],
      ),
      { maxLength: 40 },
    )
    .map((parts) => parts.join('')),
);

/** Text that a file on the disk can hold, which is UTF-8. */
export const anyFileText = anyText.map((text) => text.replace(/\p{Cs}/gu, '?'));

export { fc };
