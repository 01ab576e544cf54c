import { Document } from 'yaml';

/** Data as YAML that parsers of 1.1 (Python, older Go) and 1.2 read alike: no anchors, ambiguous words quoted, a first line that names its author. */
export function yamlText(data: unknown): string {
  const document = new Document(data, { version: '1.1', aliasDuplicateObjects: false });
  document.commentBefore = ' Written by claude-routing-install. Changes made here are replaced by its next run.';
  return document.toString({ lineWidth: 0 });
}
