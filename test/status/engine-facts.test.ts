import { describe, expect, it } from 'vitest';
import { enginePatience } from '../../src/status/engine-facts.ts';

const two = 'processor\t: 0\nmodel name\t: x\n\nprocessor\t: 1\n';

describe('the patience with the engine', () => {
  it.each<[loadavg: string, cpuinfo: string, ms: number]>([
    ['0.05 0.10 0.20 1/100 999', two, 1000],
    ['2.00 1.00 1.00 1/100 999', two, 1000],
    ['6.00 1.00 1.00 1/100 999', two, 3000],
    ['90.0 1.00 1.00 1/100 999', two, 10_000],
    ['3.00 1.00 1.00 1/100 999', '', 3000],
    ['', '', 1000],
    ['rubbish', two, 1000],
  ])('at a load of %j', (loadavg, cpuinfo, ms) => {
    expect(enginePatience(loadavg, cpuinfo)).toBe(ms);
  });
});
