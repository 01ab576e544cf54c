import table from '../../../templates/overflow_words.py?raw';

/** The gateway's own table, so that a wording is learnt once. Python marks a group's name with a P. */
const wordings = [...table.matchAll(/^ {4}r"(.*)",$/gm)].map(
  ([, wording = '']) => new RegExp(wording.replaceAll('(?P<', '(?<'), 'i'),
);

/** Whether a local server says with this text that a prompt does not fit. */
export function tellsOverflow(text: string): boolean {
  return wordings.some((wording) => wording.test(text)) || messagesApi.test(text);
}

/** The words of the Messages API, which some local servers use, too. */
const messagesApi = /prompt is too long/i;
