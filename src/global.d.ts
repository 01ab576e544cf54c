/** The version of this program, put in by the build from package.json. */
declare const PROGRAM_VERSION: string;

declare module '*?raw' {
  const text: string;
  export default text;
}
