import { Document, Scalar, visit } from 'yaml';

/**
 * Data as YAML that parsers of 1.1 (Python, older Go) and 1.2 read alike: no anchors, ambiguous words quoted, a first line that
 * names its author. Texts with anything but plain characters in them stand in double quotes: Python's parser takes tabs,
 * colons and characters that cannot be printed otherwise than the others do.
 */
export function yamlText(data: unknown): string {
  const document = new Document(data, { aliasDuplicateObjects: false });
  document.commentBefore = ' Written by claude-routing-install. Changes made here are replaced by its next run.';
  visit(document, {
    Scalar: (_, node) => {
      if (typeof node.value === 'string' && !(plain.test(node.value) && !ambiguous.test(node.value)))
        node.type = Scalar.QUOTE_DOUBLE;
    },
  });
  return document.toString({ lineWidth: 0 }).replace(unprintable, escaped);
}

const plain = /^[A-Za-z/][\w./@+-]*(?:[: ][\w./@+-]+)*$/;
/** Words that one version takes for a text and another for true, false, nothing or a number. */
const ambiguous = /^(?:y|yes|n|no|on|off|true|false|null|e[-+]?\d+)$/i;

/** Inside double quotes only, because a text with one of them is not plain. */
const unprintable = /[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/g;

function escaped(character: string): string {
  return `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`;
}
