import type * as z from 'zod';

const kinds: Readonly<Record<string, string>> = {
  string: 'text, in quotation marks if it looks like a number or true/false',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list, e.g. [first, second]',
  object: 'a group: its keys indented below it, or left out altogether',
};

/** What an answer must be, for the faults that the schema has no words for; read behind the answer's name. */
export function answerFault(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${kinds[issue.expected]}`;
    case 'invalid_value':
      return `must be ${new Intl.ListFormat('en-GB', { type: 'disjunction' }).format(issue.values.map(String))}`;
    case 'too_small':
      return `must be ${issue.inclusive ? 'at least' : 'more than'} ${issue.minimum}`;
    case 'too_big':
      return `must be ${issue.inclusive ? 'at most' : 'less than'} ${issue.maximum}`;
    default:
      return undefined;
  }
}
