import { createHash } from 'node:crypto';
import style from '../../../templates/page/watch.css?raw';
import frame from '../../../templates/page/watch.html?raw';
import script from '../../../templates/page/watch.js?raw';

/** The page in one file. */
export const pageText = frame.replace('/* style */', () => style).replace('/* script */', () => script);

/**
 * What a browser may do for the page: run this very script, use this very style, and ask where the page came from. Text cannot
 * become markup (`require-trusted-types-for`). Source: W3C Content Security Policy Level 3.
 */
const policy = [
  "default-src 'none'",
  `script-src '${hashOf(script)}'`,
  `style-src '${hashOf(style)}'`,
  "connect-src 'self'",
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

/** For whatever is answered. Nothing is kept, nobody is told the address, and no other site gets to see any of it. */
export const pageHeaders: Readonly<Record<string, string>> = {
  'content-security-policy': policy,
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
};

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}
