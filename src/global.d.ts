/** The version of this program, put in by the build from package.json. */
declare const PROGRAM_VERSION: string;

declare module '*?raw' {
  const text: string;
  export default text;
}

/** A folder's files by their names, those of the folders below it among them. */
declare module '*?texts' {
  const texts: Readonly<Record<string, string>>;
  export default texts;
}
