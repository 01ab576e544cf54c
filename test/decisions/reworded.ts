import { randomBytes } from 'node:crypto';
import ts from 'typescript';

/** What is asked for by this query, and all that it imports of this repository, comes with other texts for people. */
const mark = '?reworded';

/** Properties and constants whose texts are for people alone, wherever they are made. */
const forPeople = new Set([
  'about',
  'fix',
  'note',
  'problem',
  'says',
  'summary',
  'symptom',
  'text',
  'title',
  'waitsFor',
  'why',
]);

/**
 * A plugin of the test runner: loads a module a second time, as another one, in which whatever is written as a text for
 * people is another one at random. So are the texts that are made inside a look, before anybody could exchange them.
 */
export const reworded = {
  name: 'reworded',
  enforce: 'pre' as const,
  async resolveId(this: Resolving, source: string, importer: string | undefined) {
    if (importer?.endsWith(mark) !== true || !source.startsWith('.') || source.includes('?')) return undefined;
    const found = await this.resolve(source, importer.slice(0, -mark.length), { skipSelf: true });
    return found === null ? undefined : `${found.id}${mark}`;
  },
  transform(code: string, id: string) {
    return id.endsWith(mark) && id.includes('/src/') ? { code: inOtherWords(code), map: null } : undefined;
  },
};

interface Resolving {
  resolve(source: string, importer: string, options: { skipSelf: boolean }): Promise<{ readonly id: string } | null>;
}

/** A source text with other texts for people. What is put into them stays, and so does what has no text. */
export function inOtherWords(code: string): string {
  const source = ts.createSourceFile('module.ts', code, ts.ScriptTarget.Latest, true);
  const places: { readonly from: number; readonly to: number; readonly text: string }[] = [];
  const exchange = (node: ts.LiteralLikeNode, before: number, after: number) => {
    if (node.text.trim() === '') return;
    places.push({ from: node.getStart() + before, to: node.getEnd() - after, text: randomBytes(9).toString('hex') });
  };
  const texts = (node: ts.Expression): void => {
    if (ts.isStringLiteralLike(node)) exchange(node, 1, 1);
    else if (ts.isTemplateExpression(node)) {
      exchange(node.head, 1, 2);
      for (const { literal } of node.templateSpans) exchange(literal, 1, ts.isTemplateTail(literal) ? 1 : 2);
    } else if (ts.isConditionalExpression(node)) for (const part of [node.whenTrue, node.whenFalse]) texts(part);
    else if (ts.isParenthesizedExpression(node)) texts(node.expression);
    else if (ts.isArrowFunction(node) && !ts.isBlock(node.body)) texts(node.body);
    else if (ts.isBinaryExpression(node)) for (const part of [node.left, node.right]) texts(part);
  };
  const visit = (node: ts.Node): void => {
    if ((ts.isPropertyAssignment(node) || ts.isVariableDeclaration(node)) && isForPeople(node)) {
      if (node.initializer !== undefined) texts(node.initializer);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return places
    .sort((a, b) => b.from - a.from)
    .reduce((text, place) => `${text.slice(0, place.from)}${place.text}${text.slice(place.to)}`, code);
}

/** `text` is for people where it is what was seen of something; elsewhere it may be anything. */
function isForPeople(node: ts.PropertyAssignment | ts.VariableDeclaration): boolean {
  const name = node.name.getText();
  if (!forPeople.has(name)) return false;
  return name !== 'text' || (ts.isPropertyAssignment(node) && isEvidence(node));
}

function isEvidence(node: ts.Node): boolean {
  for (let above = node.parent; !ts.isSourceFile(above); above = above.parent)
    if ((ts.isPropertyAssignment(above) || ts.isVariableDeclaration(above)) && above.name.getText() === 'evidence')
      return true;
  return false;
}
