import { parseImageReference } from '../../src/components/gateway/image.ts';
import { mergeRoutedSettings, releaseRoutedSettings } from '../../src/components/launchers/settings.ts';
import {
  adoptBashrc,
  releaseBashrc,
  retireAliases,
  retireAssignments,
  retireVariables,
} from '../../src/components/launchers/start-up-files/bashrc.ts';
import { modelsOpenAi, modelsV0, modelsV1 } from '../../src/components/lm-studio/lm-studio.ts';
import { secretsFileProblems } from '../../src/components/secrets-file/secrets-env.ts';
import { addressProblem } from '../../src/config/address.ts';
import { parseAnswersFile, validateAnswers } from '../../src/config/answers-file.ts';
import { setVariables } from '../../src/config/env-file.ts';
import { resourceProblem } from '../../src/config/foundry-resource.ts';
import { readActionLog } from '../../src/engine/action-log.ts';
import { holderAmong } from '../../src/engine/at-work.ts';
import { lineVariables, managerVariables, pamVariables } from '../../src/env-trace/line-variables.ts';
import { listedProjects, settingsVariables } from '../../src/env-trace/settings-variables.ts';
import { Secret } from '../../src/host/secret.ts';
import { quotable, streamEvents, upstreamError } from '../../src/http/reply-body.ts';
import { fishLines } from '../../src/shell/fish-lines.ts';
import { redact } from '../../src/support-bundle/redaction.ts';
import { harmlessLine } from '../../src/text/harmless.ts';
import { readRequestLog } from '../components/gateway/read-request-log.ts';

const key = new Secret('sk-abcdef0123456789');
const block = { name: 'claude-routing', lines: [': ours'] };
const script = { script: '/s', wanted: true };
const facts = { secrets: [key], user: 'ada', home: '/home/ada', hosts: ['box'], resources: ['res'], folders: ['~/x'] };

/** Everything that takes a text of somebody else's apart. */
export const readers: Readonly<Record<string, (text: string) => unknown>> = {
  answers: (text) => {
    const file = parseAnswersFile('answers.yaml', text);
    return file.ok ? validateAnswers(file.value.raw, file.value) : file;
  },
  adoptBashrc: (text) => adoptBashrc(text, block, { exportSecrets: false, mise: true }),
  releaseBashrc: (text) => releaseBashrc(text, block.name),
  retireAliases: (text) => retireAliases(text, 'f'),
  retireVariables: (text) => retireVariables(text, ['ANTHROPIC_BASE_URL'], 'f'),
  retireAssignments: (text) => retireAssignments(text, ['ANTHROPIC_BASE_URL']),
  settings: (text) => mergeRoutedSettings(text, script),
  releaseSettings: (text) => releaseRoutedSettings(text, '/s', text),
  settingsVariables: (text) => settingsVariables(text),
  listedProjects,
  lineVariables,
  pamVariables,
  managerVariables,
  redact: (text) => redact(text, facts),
  requestLog: (text) => readRequestLog(text),
  journal: readActionLog,
  modelsV1,
  modelsV0,
  modelsOpenAi,
  upstreamError,
  quotable: (text) => quotable(text, [key]),
  streamEvents,
  harmlessLine,
  secretsFile: (text) => secretsFileProblems(text, 'f'),
  setVariables: (text) => setVariables(text, { ANTHROPIC_FOUNDRY_API_KEY: 'x' }),
  fishLines,
  holderAmong: (text) => holderAmong(text, ['1']),
  address: addressProblem,
  resource: resourceProblem,
  image: parseImageReference,
};

function repeated(piece: string): (length: number) => string {
  return (length) => piece.repeat(Math.ceil(length / piece.length)).slice(0, length);
}

function numbered(piece: (index: number) => string, around: readonly [string, string] = ['', '']) {
  return (length: number): string => {
    const count = Math.ceil(length / piece(1000).length);
    return `${around[0]}${Array.from({ length: count }, (_, index) => piece(index)).join('')}${around[1]}`;
  };
}

/** Texts of a given length that were, or might be, more than a reader can bear. */
export const hardTexts: Readonly<Record<string, (length: number) => string>> = {
  ...Object.fromEntries(
    [...' \t\nx"\'\\([#,-_=ü\0', ...['${', '{ ', '} ', 'a1', 'a1:', '1.', 'a@b.', '/a']].map((piece) => [
      JSON.stringify(piece),
      repeated(piece),
    ]),
  ),
  'lines that are continued': repeated('a\\\n'),
  'an open quotation': (length) => `x="${repeated('line\n')(length)}`,
  'here-documents': numbered((index) => `cat <<E${index}\n`),
  aliases: repeated("alias claude-local='x'\n"),
  'functions that never end': repeated('claude-local() {\n'),
  variables: repeated('ANTHROPIC_BASE_URL=x\n'),
  'lines of blanks': repeated(`${' '.repeat(1000)}x\n`),
  'a comma too many': (length) => `{\n${repeated('"a":1,\n')(length)}}`,
  'a comment in JSON': (length) => `{\n${numbered((index) => `"k${index}": 1,\n`)(length)}// x\n}`,
  'many keys in JSON': numbered((index) => `"k${index}":1,\n`, ['{', '"k":1}']),
  'an env of many': numbered((index) => `"ANTHROPIC_X${index}":"v",\n`, ['{"env":{', '"A":"b"}}']),
  'deep JSON': (length) => `${'{"a":'.repeat(length / 6)}1${'}'.repeat(length / 6)}`,
  'many models': numbered(
    (index) => `{"type":"llm","key":"k${index}"},`,
    ['{"models":[', '{"type":"llm","key":"k"}]}'],
  ),
  'many keys in YAML': numbered((index) => `k${index}: 1\n`),
  'many aliases in YAML': (length) => `a: &a 1\nb: [${repeated('*a, ')(length)}]`,
  'a journal of one run': repeated('{"run":"a","state":"begun","what":"x","at":"y"}\n'),
  'a journal of many': numbered((index) => `{"run":"r${index}","state":"begun","what":"x"}\n`),
  'events of errors': repeated('event: error\r\n'),
  'names of keys': repeated('key="x'),
};

/** Milliseconds of processor time, which other programs on the machine do not add to. */
export function processorMs(work: () => unknown): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
