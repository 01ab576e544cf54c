/** Forms that bash, docker compose and dotenv read alike, and what they read. The machine's own compose is asked, too. */
export const alike: readonly (readonly [text: string, wanted: Readonly<Record<string, string>>])[] = [
  ['A=1\n', { A: '1' }],
  ['\texport\tA=1\n', { A: '1' }],
  ['A="1"\nB=\'2\'\n', { A: '1', B: '2' }],
  ['A=1 # it\'s\nB="2" # c\n', { A: '1', B: '2' }],
  ["  # it's `one`\n\n \t\nA=1", { A: '1' }],
  ["A='a$B `c` # \\n'\n", { A: 'a$B `c` # \\n' }],
  ['A="it\'s # {x}"\n', { A: "it's # {x}" }],
  ['A="x\nB=2\n"\nC=3\n', { A: 'x\nB=2\n', C: '3' }],
  ["B='x\n# y\nA=9\nz' # it's\nA=1\n", { A: '1', B: 'x\n# y\nA=9\nz' }],
  ['A=\nB=""\n', { A: '', B: '' }],
  ['A=1\nA=2\n', { A: '2' }],
  ['A=b:c=d/%41@x+y-z.~,^!*é\n', { A: 'b:c=d/%41@x+y-z.~,^!*é' }],
  ['A=1 \t\n', { A: '1' }],
];
