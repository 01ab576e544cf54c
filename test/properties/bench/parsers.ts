import { hardTexts, processorMs, readers } from '../readers.ts';

/**
 * `npm run bench:parsers [READER…]`: each reader with each hard text, up to 10 MB; told is what takes more than two seconds of
 * processor time, or grows faster than the text. A text that is refused for its length takes none.
 */
const sizes = [16_384, 65_536, 262_144, 1_048_576, 10_485_760];
const enough = 2000;
const wanted = process.argv.slice(2);
let slow = 0;
for (const [reader, read] of Object.entries(readers).filter(([name]) => wanted.length === 0 || wanted.includes(name))) {
  for (const [text, make] of Object.entries(hardTexts)) {
    const took: number[] = [];
    for (const size of sizes) {
      const made = make(size);
      took.push(processorMs(() => read(made)));
      const [before = 0, last = 0] = took.slice(-2);
      const times = size / (sizes[took.length - 2] ?? size);
      const growing = took.length > 1 && last > 300 && before > 20 && last > before * times * 3;
      if (last <= enough && !growing) continue;
      slow += 1;
      console.log(
        `${reader} · ${text}: ${took.map((ms) => Math.round(ms)).join(', ')} ms for ${sizes.slice(0, took.length).join(', ')}`,
      );
      break;
    }
  }
  console.error(`${reader} looked at`);
}
process.exitCode = slow === 0 ? 0 : 1;
