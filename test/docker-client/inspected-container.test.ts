import { expect, it } from 'vitest';
import { readContainer } from '../../src/docker-client/container.ts';

const whole = [
  {
    Id: 'c0ffee',
    RestartCount: 3,
    State: {
      Status: 'running',
      Running: true,
      StartedAt: '2026-11-26T21:00:00Z',
      ExitCode: 0,
      Health: { Status: 'healthy' },
    },
    Config: { Image: 'ghcr.io/berriai/litellm:v1.108.14', Env: ['A=1'] },
  },
];

it.each([
  ['a container', JSON.stringify(whole), { status: 'running', restarts: 3, health: 'healthy', environment: ['A=1'] }],
  [
    'one without a health check',
    JSON.stringify([{ ...whole[0], State: { Status: 'exited', Running: false, StartedAt: '2026-11-26T21:00:00Z' } }]),
    { status: 'exited', exitCode: 0 },
  ],
])('reads %s', (_, text, expected) => {
  expect(readContainer(text)).toMatchObject(expected);
});

it.each(['', '[]', '{}', 'no JSON', '[{"State":1}]'])('knows that %j is none', (text) => {
  expect(readContainer(text)).toBeUndefined();
});
