/** The version of this program, put in by the build from package.json. */
declare const PROGRAM_VERSION: string;

/** What --help says, by the words in front of it, in JSON; put into the package by its build, and nowhere else. */
declare const HELP_TEXTS: string | undefined;
/** What every shell's completion and the manual are, in the same way. */
declare const HANDBOOK: string | undefined;

declare module '*?raw' {
  const text: string;
  export default text;
}

/** A folder's files by their names, those of the folders below it among them. */
declare module '*?texts' {
  const texts: Readonly<Record<string, string>>;
  export default texts;
}
