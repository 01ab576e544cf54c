import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { python } from '../hook-python.ts';

const words = (text: string): string[] => text.split(/\s+/).filter(Boolean);
const lines = (text: string, change: (line: string) => string): string => text.split('\n').map(change).join('\n');
const base64 = (text: string | Buffer): string => Buffer.from(text).toString('base64');
const rot13 = (text: string): string =>
  text.replace(/[a-z]/gi, (letter) =>
    String.fromCharCode(letter.charCodeAt(0) + (letter.toLowerCase() < 'n' ? 13 : -13)),
  );
const every = (text: string, nth: number): string =>
  words(text)
    .filter((_, index) => index % nth !== 0)
    .join(' ');

const text = `The blackbird wakes before everybody else in our valley, and whoever sleeps lightly wakes with him.
In April he begins at half past four, from the roof of the sawmill that nobody runs any more.
Those who came from the city complained during their first summer; by the third they missed him on holidays.

My grandmother wrote down each year when she heard him first, on the inside of the pantry door.
There are sixty-one dates, the last in shaky letters. Nobody has painted over that door since.
Between two of them, in brackets, stands the only sentence: "This spring without him, the war."
`;
/** What programs make of a file: still known, or past the seal. docs/routing.md and docs/measurements.md say so. */
const made: readonly [what: string, made: string, known: boolean][] = [
  ['capitals', text.toUpperCase(), true],
  ['one word a line', words(text).join('\n'), true],
  ['line numbers', lines(text, (line) => `    12\t${line}`), true],
  ['quotes and other blanks', lines(text, (line) => `> ${line.replaceAll(' ', '  ')}`), true],
  ['JSON', JSON.stringify({ text }), true],
  ['JSON in JSON', JSON.stringify(JSON.stringify({ text })), true],
  ['a part of each line', lines(text, (line) => line.slice(10, 90)), true],
  ['lines in another order', text.split('\n').sort().join('\n'), true],
  ['every seventh word left out', every(text, 7), true],
  ['base64', base64(text), false],
  ['compressed', base64(gzipSync(text)), false],
  ['hexadecimal', Buffer.from(text).toString('hex'), false],
  ['rot13', rot13(text), false],
  ['letters turned round', [...text].reverse().join(''), false],
  ['words turned round', words(text).reverse().join(' '), false],
  ['every second word', every(text, 2), false],
  ['single words', [...new Set(words(text))].sort().join('\n'), false],
  ['counts', `${text.split('\n').length} ${words(text).length} ${text.length}`, false],
];

const wide = (text: string): string =>
  text.replace(/[a-z]/g, (letter) => String.fromCharCode(letter.charCodeAt(0) + 0xfee0));

function known(file: string, content: string, texts: readonly string[]): readonly boolean[] {
  const code = `
import sealed_text
index = sealed_text.TextIndex()
index.add(given["content"], sealed_text.row_for(given["file"]))
print(json.dumps([index.holds(text) for text in given["texts"]]))
`;
  return python(code, { file, content, texts });
}

describe('the text of a file', () => {
  it('is known, or not, by what a program made of it', () => {
    const found = known(
      'a.md',
      text,
      made.map(([, one]) => one),
    );
    expect(made.map(([what], index) => [what, found[index]])).toEqual(made.map(([what, , is]) => [what, is]));
  });

  it.each([
    ['six words of prose', 'a.md', 'The blackbird sings below those copper mountains', true],
    ['five of them', 'a.md', 'blackbird sings below those copper', false],
    ['a short line of a table', 'a.csv', 'Anna Bergmann;Hauptstrasse 12;Erfurt', true],
    ['a shorter one', 'a.csv', 'Anna Berg;Erfurt', false],
    ['a key', '.env', 'x9Qz27Lm31Tr', true],
    ['an account', 'a.txt', '370400440532013000', true],
    ['a short number', 'a.txt', '4711', false],
    ['a word', 'a.txt', 'Hauptstrasse', false],
    ['six words of a program', 'a.ts', 'blackbird sings below those copper mountains', false],
    ['ten of them', 'a.ts', 'blackbird sings below those copper mountains until nobody listens any more', true],
    ['marks behind their letters', 'a.md', 'überprüfen müssen wir künftig größere Zeiträume'.normalize('NFD'), true],
    ['hyphens that nobody sees', 'a.md', 'über\u00adprüfen müssen wir künf\u00adtig größere Zeit\u00adräume', true],
    ['wide letters', 'a.md', wide('blackbird sings below those copper mountains'), true],
    ['Chinese', 'a.md', '地址是北京市朝阳区建国路', true],
    ['a phrase of it', 'a.md', '客户的名字是', false],
    ['Japanese in a program', 'a.ts', '住所は東京都千代田区丸の内', true],
    ['Hindi', 'a.md', 'ग्राहक का नाम राजेश शर्मा और उनका पता नई दिल्ली', true],
  ])('is known by little: %s', (_, file, said, is) => {
    const content = `first line\nThe blackbird sings below those copper mountains, until nobody listens any more.\n
Anna Bergmann;Hauptstrasse 12;Erfurt;4711\nAnna Berg;Erfurt\nKEY=x9Qz27Lm31Tr\n370400440532013000
Später überprüfen müssen wir künftig größere Zeiträume, schrieb er.
客户的名字是王小明，地址是北京市朝阳区建国路。顧客の住所は東京都千代田区丸の内一丁目です。
हमारे ग्राहक का नाम राजेश शर्मा और उनका पता नई दिल्ली में है।\n`;
    expect(known(file, content, [`somebody said ${said} and went`])).toEqual([is]);
  });
});

describe('in a request', () => {
  const code = `
import sealed_folders
parts = sealed_folders.Parts(given)
print(json.dumps([parts.calls, parts.results, parts.files]))
`;
  const data = 'Zm9v';
  it.each<[body: object, calls: string[], results: string[], files: string[]]>([
    [{ content: [{ type: 'tool_use', name: 'Read', input: { path: 'x' } }] }, ['x'], [], []],
    [{ content: [{ type: 'mcp_tool_use', input: { path: 'x' } }] }, ['x'], [], []],
    [{ content: [{ type: 'server_tool_use', input: { url: 'x' } }] }, ['x'], [], []],
    [
      { tool_calls: [{ type: 'function', function: { name: 'Read', arguments: '{"path":"x"}' } }] },
      ['{"path":"x"}'],
      [],
      [],
    ],
    [{ input: [{ type: 'function_call', name: 'Read', arguments: 'x' }] }, ['x'], [], []],
    [{ content: [{ type: 'tool_result', content: 'x' }] }, [], ['x'], []],
    [{ content: [{ type: 'bash_code_execution_tool_result', content: { stdout: 'x' } }] }, [], ['x'], []],
    [{ messages: [{ role: 'tool', content: 'x' }] }, [], ['x'], []],
    [{ input: [{ type: 'function_call_output', output: 'x' }] }, [], ['x'], []],
    [{ content: [{ type: 'document', source: { type: 'base64', data } }] }, [], [], [data]],
    [{ content: [{ type: 'file', file: { file_data: `data:text/plain;base64,${data}` } }] }, [], [], [data]],
    [{ content: [{ type: 'tool_result', content: [{ text: 'a' }, { text: 'b' }] }] }, [], ['a', 'b', 'a\nb'], []],
  ])('%j has calls %j, results %j and files %j', (body, calls, results, files) => {
    expect(python(code, body)).toEqual([calls, results, files]);
  });
});

describe('a path', () => {
  const code = `
import sealed_paths
folders = sealed_paths.Folders(["/home/a/clients/private", "/srv/My Papers", "/home/a/Kunden/M\u00fcller"], "/home/a")
places = folders.places_after(given, ["/home/a/clients"])
print(json.dumps(folders.are_called(given, places)))
`;
  it.each([
    ['cat /home/a/clients/private/x', true],
    ['cat ~/clients/private/x', true],
    ['ls $HOME/clients/private', true],
    ['cat private/x', true],
    ['cat ./private/x', true],
    ['ls private', true],
    ['cat other/../private/x', true],
    ['cd .. && cat clients/private/x', true],
    ['cat "/srv/My Papers/a"', true],
    ['cat /srv/My\\ Papers/a', true],
    ['cat ~/cli*/priv*/x', true],
    ['cat ~/clients/{private,other}/x', true],
    ['file:///home/a/clients/private/x', true],
    ['x=/home/a/clients/private; cat $x/y', true],
    ['file:///srv/My%20Papers/a', true],
    ['tar -C/home/a/clients/private -c .', true],
    ['cat ~a/clients/private/x /x', true],
    ['cat pri\\\nvate/x', true],
    ['cat ~/Kunden/Müller/x'.normalize('NFD'), true],
    ['cat ../Kunden/Müller/x'.normalize('NFD'), true],
    ['cat "/home/a/Kunden/M\\303\\274ller/x"', true],
    ['cat /home/a/Kunden/M\\u00fcller/x', true],
    ['cat /mnt/home/a/clients/private/x', false],
    ['cat /home/a/clients/private-not/x', false],
    ['cat /home/a/clients/private.old/x', false],
    ['**/*.ts', false],
    ['ls /home/a/clients ..', false],
    ['grep -r x ~', false],
    ['git commit -m "private matters"', true],
  ])('of a tool’s call leads into a sealed folder, or not: %s', (call, leads) => {
    expect(python(code, call)).toBe(leads);
  });
});

describe('in a text', () => {
  const code = `
import sealed_paths
folders = sealed_paths.Folders(["/home/a/clients/private", "/srv/My Papers", "/home/a/M\\u00fcller"], "/home/a")
print(json.dumps(folders.are_named_in(given) or folders.are_listed_in(given, ["/home/a"])))
`;
  it.each([
    ['see /home/a/clients/private/x', true],
    ['see /home/a//clients/./private/x', true],
    ['file:///srv/My%20Papers/x.pdf', true],
    ['/srv/My\\ Papers/x', true],
    ['~/Müller/x'.normalize('NFD'), true],
    ['"M\\303\\274ller/x.md" | 2 ++', true],
    ['never read /home/a/clients/private', false],
    ['see /home/a/clients/private-not/x', false],
  ])('a path of a sealed folder is known, or not: %s', (text, is) => {
    expect(python(code, text)).toBe(is);
  });
});
