import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { admit, pageHeaders, pageText, tunnelLine } from '../../../src/watch/page/served.ts';

const token = 'Kx3_-9aZkQ0bPz7L';
const asked = { method: 'GET', target: `/${token}`, host: '127.0.0.1:8600' };
const nothing = (status: number) => ({ part: 'nothing', status });

describe('who asks', () => {
  it.each<[what: string, differs: Partial<typeof asked>, expected: object]>([
    ['for the page', {}, { part: 'page' }],
    ['for the page with a stroke behind it', { target: `/${token}/` }, { part: 'page' }],
    ['through a tunnel that begins at another port', { host: 'localhost:9000' }, { part: 'page' }],
    ['for the state, first', { target: `/${token}/state?seen=` }, { part: 'state', seen: '' }],
    ['for the state, again', { target: `/${token}/state?seen=12.a` }, { part: 'state', seen: '12.a' }],
    ['without a token', { target: '/' }, nothing(404)],
    ['for the icon', { target: '/favicon.ico' }, nothing(404)],
    ['with a wrong token', { target: `/${token.slice(0, -1)}M` }, nothing(404)],
    ['with the beginning of the token', { target: `/${token.slice(0, 8)}` }, nothing(404)],
    ['with more than the token', { target: `/${token}x` }, nothing(404)],
    ['for the state with a wrong token', { target: '/x/state?seen=' }, nothing(404)],
    ['for a file beside the page', { target: `/${token}/watch.js` }, nothing(404)],
    ['for a file above it', { target: `/${token}/../../../etc/passwd` }, nothing(404)],
    ['for a file above it, in disguise', { target: `/${token}/%2e%2e/%2e%2e/etc/passwd` }, nothing(404)],
    ['past the token', { target: `/../${token}` }, nothing(404)],
    ['for a whole address, as a proxy is', { target: `http://127.0.0.1:8600/${token}` }, nothing(404)],
    ['for the state with something else', { target: `/${token}/state?seen=1&then=2` }, nothing(404)],
    ['for the state with a long text', { target: `/${token}/state?seen=${'1'.repeat(41)}` }, nothing(404)],
    ['by a name that was pointed here', { host: 'evil.example:8600' }, nothing(403)],
    ['by a name that begins like it', { host: '127.0.0.1.evil.example' }, nothing(403)],
    ['without a name', { host: '' }, nothing(403)],
    ['with two names', { host: '127.0.0.1:8600, evil.example' }, nothing(403)],
    ['to change something', { method: 'POST' }, nothing(405)],
    ['for the head alone', { method: 'HEAD' }, nothing(405)],
    ['what else there is', { method: 'OPTIONS' }, nothing(405)],
  ])('%s', (_what, differs, expected) => {
    expect(admit({ ...asked, ...differs }, token)).toEqual(expected);
  });
});

describe('the page', () => {
  it('is one file that loads nothing', () => {
    expect(pageText).not.toMatch(/\/\* (?:style|script) \*\//);
    expect(pageText.replace('http://www.w3.org/2000/svg', '')).not.toMatch(
      /https?:\/\/|\bsrc=|@import|url\((?!#)|\bimport\b/,
    );
    expect(pageText.match(/\bhref="[^"]*"/g)).toEqual(['href="data:,"']);
  });

  it('makes no markup of a text', () => {
    expect(pageText).not.toMatch(/innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|\bstyle="|\bon\w+="/);
  });

  it('may run and show this very text alone', () => {
    const policy = pageHeaders['content-security-policy'] ?? '';
    for (const name of ['script', 'style']) {
      const [, text = ''] = new RegExp(`<${name}[^>]*>(.*?)</${name}>`, 's').exec(pageText) ?? [];
      expect(text.length).toBeGreaterThan(1000);
      const hash = createHash('sha256').update(text).digest('base64');
      expect(policy).toContain(`${name}-src 'sha256-${hash}';`);
    }
    expect(policy).toMatch(/^default-src 'none'; /);
    expect(policy).not.toMatch(/unsafe|https?:|\*/);
  });
});

describe('the line for a tunnel', () => {
  const tunnel = { port: 8600, user: 'claude', hostName: 'box' };
  it.each<[what: string, connection: string | undefined, expected: string]>([
    ['as one came in', '10.0.0.9 50022 192.168.1.20 22', 'ssh -N -L 8600:127.0.0.1:8600 claude@192.168.1.20'],
    [
      'by another port',
      '10.0.0.9 50022 192.168.1.20 2222',
      'ssh -N -p 2222 -L 8600:127.0.0.1:8600 claude@192.168.1.20',
    ],
    ['by IPv6', 'fe80::9%eth0 50022 2001:db8::20 22', 'ssh -N -L 8600:127.0.0.1:8600 claude@2001:db8::20'],
    ['at the machine itself', undefined, 'ssh -N -L 8600:127.0.0.1:8600 claude@box'],
    ['from a variable that is none', '; rm -rf ~', 'ssh -N -L 8600:127.0.0.1:8600 claude@box'],
  ])('%s', (_what, connection, expected) => {
    expect(tunnelLine({ ...tunnel, connection })).toBe(expected);
  });
});
