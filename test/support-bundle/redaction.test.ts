import { describe, expect, it } from 'vitest';
import { Secret } from '../../src/host/secret.ts';
import { type PrivateFacts, redact } from '../../src/support-bundle/redaction.ts';
import { withoutRequests } from '../../src/text/said.ts';

const facts: PrivateFacts = {
  secrets: [new Secret('hunter2-correct-horse'), new Secret('hunter2'), new Secret('a+b/c=d%e')],
  user: 'anna',
  home: '/home/anna',
  hosts: ['kitchen-box', 'gpu.lan'],
  resources: ['contoso-ai'],
  folders: ['~/clients/acme', '/srv/acme', '/'],
};

function redacted(text: string): string {
  return redact(text, facts).text;
}

const long = 'Zm9vYmFyMTIzNDU2Nzg5MGFiY2RlZg';

describe('a report keeps back', () => {
  it.each<readonly [string, string, string]>([
    ['the folder of a rule', 'in ~/clients/acme and /srv/acme/x, / too', 'in <folder-1> and <folder-2>/x, / too'],
    ['the same written out', '/home/anna/clients/acme', '<folder-1>'],
    ['a known key', 'key hunter2-correct-horse end', 'key <key-1> end'],
    ['the shorter of two keys', 'hunter2 hunter2-correct-horse', '<key-2> <key-1>'],
    ['a key in a URL', '?q=a%2Bb%2Fc%3Dd%25e', '?q=<key-1>'],
    ['a key in base64', 'Basic YStiL2M9ZCVl', 'Basic <key-1>'],
    ['a key of OpenAI shape', 'used sk-proj-abcDEF123 today', 'used <key-1> today'],
    ['a key of Anthropic shape', 'x sk-ant-api03-AbC_d-1 y', 'x <key-1> y'],
    ['a bearer', 'Authorization: Bearer abc.def-ghi', 'Authorization: Bearer <key-1>'],
    ['a basic login', 'authorization: Basic dXNlcjpwYXNz', 'authorization: Basic <key-1>'],
    ['a JSON web token', 'eyJhbGciOiJI.eyJzdWIiOiIx.SflKxwRJSM', '<key-1>'],
    [
      "LM Studio's echo",
      'Malformed LM Studio API token provided: 22aac52a71…',
      'Malformed LM Studio API token provided: <key-1>',
    ],
    ['a password in a URL', 'http://bob:s3cret@proxy:3128', 'http://bob:<key-1>@proxy:3128'],
    ['a GitHub token', 'ghp_abcdefgh1234', '<key-1>'],
    ['a value behind a name, as in an env file', 'AZURE_API_KEY=plainvalue', 'AZURE_API_KEY=<key-1>'],
    ['the same in YAML', 'master_key: "plain value"', 'master_key: "<key-1>"'],
    ['the same in JSON', '{"apiKey": "plain\\"value", "a": 1}', '{"apiKey": "<key-1>", "a": 1}'],
    [
      'the same in JSON in JSON',
      '{\\"api_key\\": \\"plain\\", \\"a\\": 1}',
      '{\\"api_key\\": \\"<key-1>\\", \\"a\\": 1}',
    ],
    ['the same in Python', "{'x-api-key': 'plain', 'a': 1}", "{'x-api-key': '<key-1>', 'a': 1}"],
    ['a helper with a key in it', '"apiKeyHelper": "echo plain"', '"apiKeyHelper": "<key-1>"'],
    ['foreign headers', 'ANTHROPIC_CUSTOM_HEADERS="x-auth: plain"', 'ANTHROPIC_CUSTOM_HEADERS="<key-1>"'],
    ['a long random word', `at ${long} end`, 'at <key-1> end'],
    ['the home and the user', '/home/anna/.bashrc anna Anna hannah', '<home>/.bashrc <user> <user> hannah'],
    ['names of machines', 'kitchen-box gpu.lan:1234', '<host-1> <host-2>:1234'],
    [
      'addresses',
      '192.168.1.20:1234 10.0.0.1 192.168.1.20 8.8.8.8',
      '<address-1>:1234 <address-2> <address-1> <address-3>',
    ],
    [
      'addresses of the new kind',
      'fe80::1ff:fe23:4567:890a [2001:db8::1]:80 2001:db8:0:0:0:0:0:1',
      '<address-1> [<address-2>]:80 <address-3>',
    ],
    ['hardware addresses', 'aa:bb:cc:00:11:22', '<address-1>'],
    [
      'Foundry resources',
      'contoso-ai https://other.services.ai.azure.com/x',
      '<resource-1> https://<resource-2>.services.ai.azure.com/x',
    ],
    ['mail addresses', 'to anna.b@example.org now', 'to <mail-1> now'],
  ])('%s', (_, text, expected) => {
    expect(redacted(text)).toBe(expected);
  });
});

describe('a report still tells', () => {
  it.each([
    'image: ghcr.io/berriai/litellm:v1.108.14@sha256:85c998c00a7242a9821b131479b87f51db370e3ffec261f3a157f4093184c050',
    'api_key: os.environ/ANTHROPIC_DIRECT_KEY',
    'export ANTHROPIC_AUTH_TOKEN="$key"',
    'key: env:ANTHROPIC_DIRECT_KEY',
    'max_tokens: 8192, "prompt_tokens": 12345678, CLAUDE_CODE_MAX_CONTEXT_TOKENS=65536',
    "ANTHROPIC_CUSTOM_HEADERS='x-claude-routing: claude-offline; local-only'",
    'http://127.0.0.1:4000 0.0.0.0:22 version 1.108.14 at 2026-11-26T22:34:44.850Z 22:34:44',
    'qwen/qwen3-coder-30b-a3b-instruct-2507 claude-haiku-4-5-20251001 node@22 python@3.12 user@1000.service',
    'CLAUDE_CODE_ENABLE_GATEWAY_MODEL_DISCOVERY=1 DISABLE_EXPERIMENTAL_BETAS',
    '  2026-11-26T22:34:44.850Z  done    secrets  make directory /srv (mode 700)',
    'litellm::proxy std::string',
  ])('%s', (text) => {
    expect(redacted(text)).toBe(text);
  });

  it('names that say nothing: those of the guide', () => {
    const guide = { ...facts, user: 'claude', home: '/home/claude', hosts: ['debian'] };
    expect(redact('claude-routed in /home/claude on Debian', guide).text).toBe('claude-routed in <home> on Debian');
  });

  it('what was replaced, and how often', () => {
    const { replaced } = redact('hunter2 10.0.0.1 10.0.0.2 10.0.0.1 /home/anna', facts);
    expect(replaced).toEqual([
      { kind: 'key', times: 1, different: 1 },
      { kind: 'home', times: 1, different: 1 },
      { kind: 'address', times: 3, different: 2 },
    ]);
  });
});

describe('output of the gateway', () => {
  it('loses every line that quotes a request, and the ends of long lines', () => {
    const lines = [
      'INFO: started',
      `POST {"model": "local", "messages": [{"role": "user", "content": "my diary"}]}`,
      `ERROR {'input': 'my diary'}`,
      `{\\"prompt\\": \\"my diary\\"}`,
      'x'.repeat(600),
    ];
    const left = withoutRequests(lines.join('\n'));
    expect(left).not.toContain('my diary');
    expect(left.split('\n').map((line) => line.length < 520)).toEqual([true, true, true, true, true]);
    expect(left).toContain('INFO: started');
  });
});
