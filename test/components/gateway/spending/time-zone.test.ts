import { expect, it } from 'vitest';
import { timeZoneRule } from '../../../../src/components/gateway/spending.ts';

const zoneFile = (rule: string): string => `TZif2\0\0\ufffd\ufffd\nLMT\0CET\0CEST\0\n${rule}\n`;

it.each([
  ['its file', '/etc/localtime', zoneFile('CET-1CEST,M3.5.0,M10.5.0/3'), undefined, 'CET-1CEST,M3.5.0,M10.5.0/3'],
  ['a zone without a name', '/etc/localtime', zoneFile('<+0330>-3:30'), undefined, '<+0330>-3:30'],
  ['the one that is wanted', '/usr/share/zoneinfo/Asia/Tokyo', zoneFile('JST-9'), 'Asia/Tokyo', 'JST-9'],
  ['no such file', '/nowhere', zoneFile('JST-9'), undefined, 'UTC0'],
  ['an old file without a rule', '/etc/localtime', zoneFile(''), undefined, 'UTC0'],
  ['something else', '/etc/localtime', 'JST-9\n', undefined, 'UTC0'],
  ['a rule with more in it', '/etc/localtime', zoneFile('JST-9 $(x)'), undefined, 'UTC0'],
])('a day begins by %s', async (_, path, text, wanted, rule) => {
  const readFile = async (asked: string) => (asked === path ? text : undefined);
  expect(await timeZoneRule({ readFile }, wanted)).toBe(rule);
});

it('a day begins as in UTC where the file cannot be read', async () => {
  const readFile = () => Promise.reject(new Error('EACCES'));
  expect(await timeZoneRule({ readFile }, undefined)).toBe('UTC0');
});
