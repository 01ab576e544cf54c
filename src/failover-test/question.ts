import type { GatewayRequest } from '../components/gateway/requests/exchange.ts';
import type { GatewayRule } from '../components/gateway/routing/rules.ts';
import { type ContentTrial, contentTrials, weather } from '../components/lm-studio/model-trial.ts';
import type { RequestKind } from '../config/rules.ts';
import { given } from '../text/json.ts';

/** A machine that has to load the model first takes minutes. */
const localTimeoutMs = 180_000;
const cloudTimeoutMs = 60_000;
/** Limits the time that a broken promise costs. */
const faultTimeoutMs = 20_000;
/** What tells these requests apart in the request log. */
const marked = { 'x-claude-routing': 'drill' };

const user = (content: string) => ({ role: 'user', content });

/** One short turn. */
export function plain(model: string, stream = false): GatewayRequest {
  const body = { model, max_tokens: 16, messages: [user('Say: ready')], ...(stream ? { stream } : {}) };
  return { body, headers: marked, timeoutMs: localTimeoutMs, aim: `answer as ${model}` };
}

/** The same for a cloud model, which has nothing to load. */
export function brief(model: string): GatewayRequest {
  return { ...plain(model), timeoutMs: cloudTimeoutMs };
}

/** The same, streamed, to measure a failover's time by. */
export function direct(model: string): GatewayRequest {
  return { ...plain(model, true), timeoutMs: cloudTimeoutMs };
}

/** Asks for so many tool calls in one answer. There is room for a model that thinks first. */
export function toolUse(model: string, calls: 1 | 2): GatewayRequest {
  const cities = ['Oslo', 'Lima'].slice(0, calls);
  const wanted = cities.map((city) => `use the tool get_weather with {"city":"${city}"}`).join(' and ');
  const how = calls === 1 ? 'Please' : 'Call two tools in parallel, both at once, in one answer:';
  const body = { model, max_tokens: 1024, tools: [weather], messages: [user(`${how} ${wanted}`)] };
  return { ...plain(model), body };
}

/** As Claude Code asks for a name that it does not know: a system turn after the first one, thinking, an effort. */
export function likeClaudeCode(model: string): GatewayRequest {
  const body = {
    model,
    max_tokens: 16,
    stream: true,
    system: [{ type: 'text', text: 'You are a coding agent.' }],
    messages: [user('Say: ready'), { role: 'system', content: 'Answer in one word.' }],
    thinking: { type: 'adaptive' },
    output_config: { effort: 'low' },
  };
  return { ...plain(model), body };
}

/** Something besides text that not every local model takes. */
export function content(model: string, trial: ContentTrial): GatewayRequest {
  return { ...plain(model), body: { model, ...contentTrials[trial] } };
}

/** The same to a gateway whose local model fails: nobody waits long for it. */
export function duringFault(model: string): GatewayRequest {
  return { ...likeClaudeCode(model), timeoutMs: faultTimeoutMs };
}

/** One for which the busy fault server takes seconds. */
export function slowly(model: string): GatewayRequest {
  const asked = duringFault(model);
  return { ...asked, body: { ...asked.body, messages: [user('Say slowly: ready')] } };
}

/** A short streamed turn to a gateway whose cloud fails. */
export function duringCloudFault(model: string): GatewayRequest {
  return { ...direct(model), timeoutMs: faultTimeoutMs };
}

/** A short turn for a rule to match; rules ignore a drill's other requests. */
export function ruled(model: string, { kind, agent, launcher, directory }: GatewayRule['when']): GatewayRequest {
  const sender = launcher === undefined ? 'drill' : `${launcher}; proof`;
  const request = kind === undefined ? undefined : requestClasses[kind];
  const headers = {
    'x-claude-routing': [sender, 'ruled', ...(directory === undefined ? [] : [directory])].join('; '),
    ...given({ 'x-claude-code-request-class': request, 'x-claude-code-agent-type': agent }),
  };
  return { ...brief(model), body: { ...brief(model).body, ...ruledBody(kind) }, headers };
}

/** As Claude Code declares it; the other kinds are recognised from the body. */
const requestClasses: Readonly<Partial<Record<RequestKind, string>>> = {
  title: 'auxiliary',
  background: 'auxiliary',
  subagent: 'subagent',
  compaction: 'compaction',
};

function ruledBody(kind: RequestKind | undefined): object {
  const text = (words: string) => ({ type: 'text', text: words });
  const reminder = text('<system-reminder>\nPlan mode is active.\n</system-reminder>');
  switch (kind) {
    case 'title':
      return { messages: [user('<session>\nSay: ready\n</session>')] };
    case 'plan':
      return { messages: [{ role: 'user', content: [reminder, text('Say: ready')] }] };
    case 'tool-result':
      return { messages: [...calledTool, { role: 'user', content: [toolResult] }], tools: [weather] };
    default:
      return {};
  }
}

const calledTool = [
  user('The weather in Oslo?'),
  { role: 'assistant', content: [{ type: 'tool_use', id: 'toolu_1', name: 'get_weather', input: { city: 'Oslo' } }] },
];
const toolResult = { type: 'tool_result', tool_use_id: 'toolu_1', content: 'Rain.' };

/** With the mark of a session that must stay on the local model; on another route if one is given. */
export function markedLocalOnly(request: GatewayRequest, path?: string): GatewayRequest {
  return {
    ...request,
    ...given({ path }),
    headers: { 'x-claude-routing': 'drill; local-only' },
    timeoutMs: cloudTimeoutMs,
  };
}
