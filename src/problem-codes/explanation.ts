/** What a code means to a person; the words may change, and are longer than those of a problem that was met. */
export interface Explanation {
  /** One line. */
  readonly meaning: string;
  readonly causes: string;
  /** What to type, with names in capitals where only the problem itself knows them. */
  readonly fix: string;
}
