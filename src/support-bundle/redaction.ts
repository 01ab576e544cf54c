import { isKeyName, keyShapes, type Secret } from '../host/secret.ts';
import { fromHome } from '../layout.ts';

/** What must not leave this machine. */
export interface PrivateFacts {
  readonly secrets: readonly Secret[];
  readonly user: string;
  readonly home: string;
  /** The machine's own, and that of other machines in its configuration. */
  readonly hosts: readonly string[];
  /** Names of Foundry resources. */
  readonly resources: readonly string[];
  /** Of the person, as rules name them. */
  readonly folders: readonly string[];
}

export interface Redacted {
  readonly text: string;
  /** What was replaced, by kind, with how often and by how many different ones. */
  readonly replaced: readonly { readonly kind: Kind; readonly times: number; readonly different: number }[];
}

type Kind = 'key' | 'home' | 'user' | 'host' | 'resource' | 'folder' | 'address' | 'mail';

// Each pattern below begins where its run begins and nowhere within it, or its time would grow with the square of the text.

/** Replaces everything private by stable words: the same thing is `<address-1>` wherever it stands. */
export function redact(text: string, facts: PrivateFacts): Redacted {
  const book = makeBook();
  const steps: readonly ((text: string) => string)[] = [
    (before) => withoutSecrets(before, facts.secrets, book),
    (before) => withoutShapes(before, book),
    (before) => withoutNamedKeys(before, book),
    (before) => withoutRandom(before, book),
    (before) => withoutNames(before, facts, book),
    (before) => withoutAddresses(before, book),
  ];
  return { text: steps.reduce((before, step) => step(before), text), replaced: book.replaced() };
}

interface Book {
  /** The word that stands for a value of this kind; counts it. */
  word(kind: Kind, value: string): string;
  replaced(): Redacted['replaced'];
}

/** Of these there is one, so their word needs no number. */
const single: readonly Kind[] = ['home', 'user'];

function makeBook(): Book {
  const known = new Map<Kind, { readonly numbers: Map<string, number>; times: number }>();
  return {
    word(kind, value) {
      const entry = known.get(kind) ?? { numbers: new Map<string, number>(), times: 0 };
      known.set(kind, entry);
      const number = entry.numbers.get(value) ?? entry.numbers.size + 1;
      entry.numbers.set(value, number);
      entry.times += 1;
      return single.includes(kind) ? `<${kind}>` : `<${kind}-${number}>`;
    },
    replaced: () => [...known].map(([kind, { numbers, times }]) => ({ kind, times, different: numbers.size })),
  };
}

/** Values shorter than this are too common to search for. */
const shortestSecret = 6;

/** In every spelling in which a program could show it. The longest first: one key may begin like another. */
function withoutSecrets(text: string, secrets: readonly Secret[], book: Book): string {
  const values = [...new Set(secrets.map((secret) => secret.reveal().trim()))].filter(
    (value) => value.length >= shortestSecret,
  );
  const spelt = values.flatMap((value) => spellings(value).map((spelling) => ({ value, spelling })));
  return spelt
    .sort((a, b) => b.spelling.length - a.spelling.length)
    .reduce((before, { value, spelling }) => before.replaceAll(spelling, () => book.word('key', value)), text);
}

function spellings(value: string): readonly string[] {
  const base64 = Buffer.from(value).toString('base64').replace(/=+$/, '');
  return [...new Set([value, encodeURIComponent(value), JSON.stringify(value).slice(1, -1), base64])];
}

function withoutShapes(text: string, book: Book): string {
  return keyShapes.reduce((before, shape) => before.replace(shape, (key) => book.word('key', key)), text);
}

// NAME=value, NAME: value, "NAME": "value", and the same inside another string, with backslashes before the quotes.
const named =
  /((?<![\w-])([\w-]+)(?:\\*["'])?\s*[=:]\s*)(?:(\\*["'])((?:(?!\3)(?:\\[^\n]|[^\n]))*)|([^\s,;}\]"'\\]+))/g;
/** Words that tell where a key is, or that there is none: not the key. */
const harmless =
  /^(?:<[\w-]+>.*|Bearer|Basic|os\.environ\/\w+|(?:env|file):\S*|\$\{?\w+\}?|true|false|none|null|undefined|unset|lm-studio|x-claude-routing: [\w-]+(?:; [\w-]+)*|\d{1,9}|\/(?:[\w.-]+\/)+\S*)?$/i;

function withoutNamedKeys(text: string, book: Book): string {
  return text.replace(named, (whole, before: string, name: string, ...rest) => {
    const [quote = '', inside, bare] = rest as (string | undefined)[];
    const value = inside ?? bare ?? '';
    if (!(isKeyName(name) || /authori[sz]ation|cookie|helper/i.test(name)) || harmless.test(value)) return whole;
    return `${before}${quote}${book.word('key', value)}`;
  });
}

/** A long run of letters and digits counts as a key unless it is known not to be one, as an image's digest is. */
function withoutRandom(text: string, book: Book): string {
  return text.replace(/(?<![\w/+-]|sha256:)[\w/+-]*?[A-Za-z0-9]{24,}[\w/+-]*={0,2}/g, (run) =>
    /\d/.test(run) && /[A-Za-z]/.test(run) && !run.startsWith('/') ? book.word('key', run) : run,
  );
}

/** Names that say nothing about anybody: those of the guide, and of programs that the report is about. */
const common = ['root', 'claude', 'debian', 'admin', 'user', 'docker', 'litellm', 'localhost', 'lmstudio'];

function withoutNames(text: string, { user, home, hosts, resources, folders }: PrivateFacts, book: Book): string {
  const word = (before: string, kind: Kind, name: string): string =>
    name.length < 2 || common.includes(name.toLowerCase())
      ? before
      : before.replace(new RegExp(`(?<![A-Za-z0-9])${escaped(name)}(?![A-Za-z0-9])`, 'gi'), () =>
          book.word(kind, name),
        );
  const withoutFolders = folders
    .flatMap((folder) => [[folder, folder] as const, [folder, fromHome(folder, { home })] as const])
    .filter(([, spelt]) => !['/', '~', home].includes(spelt))
    .sort(([, one], [, other]) => other.length - one.length)
    .reduce((before, [folder, spelt]) => before.replaceAll(spelt, () => book.word('folder', folder)), text);
  const withoutHome = withoutFolders.replaceAll(home, () => book.word('home', home));
  const foundry = /(?<![\w-])[\w-]+(?=\.(?:services\.ai|openai|cognitiveservices)\.azure\.com)/g;
  const withoutResources = resources
    .reduce((before, name) => word(before, 'resource', name), withoutHome)
    .replace(foundry, (name) => book.word('resource', name));
  const withoutHosts = [...hosts]
    .sort((a, b) => b.length - a.length)
    .reduce((before, name) => word(before, 'host', name), withoutResources);
  const withoutMail = withoutHosts.replace(/(?<![\w.+-])[\w.+-]+@[A-Za-z](?:[\w-]*\.)+[A-Za-z]{2,}/g, (mail) =>
    book.word('mail', mail),
  );
  return word(withoutMail, 'user', user);
}

const ipv4 = /(?<![\w.])(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?![\w.]*\w)/g;
const ipv6 =
  /(?<![\w:.])(?:(?:[\da-f]{1,4}:){7}[\da-f]{1,4}|(?:[\da-f]{1,4}:)+(?::[\da-f]{1,4})+|(?:[\da-f]{1,4}:)+:)(?![\w:])/gi;
const hardware = /(?<![\w:])(?:[\da-f]{2}:){5}[\da-f]{2}(?![\w:])/gi;

/** Addresses of this machine for itself stay: they tell nothing and are needed. */
function withoutAddresses(text: string, book: Book): string {
  const replaced = (address: string): string =>
    /^(?:127\.|0\.0\.0\.0$|255\.)/.test(address) ? address : book.word('address', address.toLowerCase());
  return [hardware, ipv6, ipv4].reduce((before, pattern) => before.replace(pattern, replaced), text);
}

function escaped(name: string): string {
  return name.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
}
