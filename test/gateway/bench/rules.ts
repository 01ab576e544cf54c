/**
 * What deciding by rules adds to a request of 800 kB: first the decision alone, by the processor's time in LiteLLM's own Python, then whole requests to a
 * gateway without rules and to one with 34 of them, in turns.
 *
 *     npm run bench rules [requests to each gateway]
 *
 * Needs root and a minute. Prints tables in Markdown.
 */
import { execFileSync } from 'node:child_process';
import { rulesForGateway } from '../../../src/components/gateway/routing/rules.ts';
import { litellmEnvironment } from '../litellm-program.ts';
import { ask, claudeRequest } from '../messages-client.ts';
import { pythonPath } from '../python-path.ts';
import { sceneAnswers, setScene } from '../scene.ts';
import { median } from './median.ts';

const times = Number(process.argv[2] ?? 40);
const sonnet = 'claude-sonnet-4-6';
const rules = [
  ...Array.from({ length: 4 }, (_, index) => [
    { name: `a${index}`, when: { directory: `/srv/${index}` }, model: 'local' },
    { name: `b${index}`, when: { kind: 'web-search' as const }, model: 'claude-haiku-4-5' },
    { name: `c${index}`, when: { kind: 'subagent' as const, agent: 'Explore' }, model: 'local' },
    { name: `d${index}`, when: { kind: 'plan' as const, launcher: 'claude-local' as const }, model: 'claude-opus-4-8' },
    { name: `e${index}`, when: { kind: 'image' as const }, model: 'claude-opus-4-8' },
    { name: `f${index}`, when: { kind: 'compaction' as const }, model: 'local' },
    { name: `g${index}`, when: { kind: 'title' as const }, model: 'local' },
    { name: `h${index}`, when: { agent: 'Plan' }, model: 'local' },
  ]).flat(),
  { name: 'large', when: { largerThan: 900_000 }, model: 'local' },
  { name: 'all', when: {}, model: 'claude-haiku-4-5' },
];
const headers = { 'x-claude-routing': 'claude-routed', 'x-claude-code-request-class': 'main' };

/** A conversation of 800 kB in which each result of a tool has so many letters. */
function conversation(letters: number): Record<string, unknown> {
  const turns: object[] = [{ role: 'user', content: 'hello' }];
  for (let size = 0, index = 0; size < 800_000; index += 1, size += letters + 330) {
    const id = `toolu_${index}`;
    const call = { type: 'tool_use', id, name: 'Read', input: { file_path: `/a/${index}` } };
    const words = `${'lorem ipsum '.repeat(letters / 12)}\n\n<system-reminder>\n${index} tokens left\n</system-reminder>`;
    turns.push(
      { role: 'assistant', content: [{ type: 'text', text: 'I look at it.' }, call] },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: id, content: words }] },
    );
  }
  const tools = [{ name: 'Read', description: 'reads', input_schema: { type: 'object' } }];
  return claudeRequest(sonnet, '', { messages: turns, tools, thinking: undefined, output_config: undefined });
}

const decide = `
import json, sys, time
import routing_rules as rules
raw = sys.stdin.buffer.read()
took = []
for _ in range(500):
    started = time.process_time()
    body = json.loads(raw)
    read = time.process_time()
    described = rules.describe({"x-claude-routing": "claude-routed", "x-claude-code-request-class": "main"}, body, raw)
    rule = rules.rule_for(rules.RULES, {**described, "staysHome": False})
    rules.led(raw, rule["model"])
    took.append((1000 * (time.process_time() - read), 1000 * (read - started)))
decided, read = (sorted(each) for each in zip(*took))
print(f"{len(body['messages'])} | {len(raw) // 1000} | {decided[250]:.2f} | {decided[495]:.2f} | {read[250]:.2f}")
`;

const answers = sceneAnswers(undefined, { ...given(), routing: { rules } });
const ROUTING_RULES = rulesForGateway(answers);
const python = `${await litellmEnvironment()}/bin/python`;
console.log(
  '| turns | kB | deciding: median, ms | 99 of 100, ms | reading the body: median, ms |\n|---|---|---|---|---|',
);
for (const letters of [3600, 960, 240]) {
  const input = JSON.stringify(conversation(letters));
  const row = execFileSync(python, ['-c', decide], {
    input,
    env: { ROUTING_RULES, PYTHONPATH: pythonPath, PYTHONDONTWRITEBYTECODE: '1' },
  });
  console.log(`| ${row.toString().trim()} |`);
}

const without = await setScene({ answers: given() });
const withRules = await setScene({ answers: { ...given(), routing: { rules } } });
try {
  const body = conversation(3600);
  const took: Record<'without' | 'with', number[]> = { without: [], with: [] };
  for (let index = -3; index < times; index += 1) {
    for (const [name, { gateway }] of [['without', without] as const, ['with', withRules] as const]) {
      const reply = await ask(gateway, body, gateway.key, headers);
      if (reply.status !== 200) throw new Error(reply.body);
      if (index >= 0) took[name].push(reply.ms);
    }
  }
  console.log(`\n| ${times} requests of 800 kB each | median, ms |\n|---|---|`);
  console.log(`| without rules, answered by ${sonnet} | ${median(took.without).toFixed(1)} |`);
  console.log(`| with ${rules.length} rules, led to claude-haiku-4-5 | ${median(took.with).toFixed(1)} |`);
} finally {
  await withRules.close();
  await without.close();
}

function given() {
  const models = { sonnet, opus: 'claude-opus-4-8', haiku: 'claude-haiku-4-5' };
  return { cloud: { anthropic: { models } } };
}
