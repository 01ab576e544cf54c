import { describe, expect, it } from 'vitest';
import { createToolProgress } from '../../src/ui/progress.ts';

/** What is told after each line, a second after the one before. */
function told(lines: readonly string[]): readonly (string | undefined)[] {
  let clock = 0;
  const progress = createToolProgress(() => clock);
  return lines.map((line) => {
    clock += 1000;
    return progress.read(line);
  });
}

describe('apt-get', () => {
  it('tells what is fetched, how fast, and the time that is left', () => {
    expect(
      told([
        'Reading package lists...',
        '0 upgraded, 2 newly installed, 0 to remove and 3 not upgraded.',
        'Need to get 40.0 MB of archives.',
        'After this operation, 99 MB of additional disk space will be used.',
        'Get:1 http://mirror.example/debian trixie/main amd64 git amd64 1:2.47.3-0 [10.0 MB]',
        'Get:2 http://mirror.example/debian trixie/main amd64 g++ amd64 4:14.2.0-1 [29,900 kB]',
        'Fetched 40.0 MB in 4s (10.0 MB/s)',
      ]),
    ).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
      '0.0 of 40 MB',
      '10 of 40 MB, 3.3 MB/s, 9.0 s left',
      undefined,
    ]);
  });

  it('counts what is unpacked and set up', () => {
    expect(
      told([
        '1 upgraded, 1 newly installed, 0 to remove and 0 not upgraded.',
        'Preparing to unpack .../git_2.47.3_amd64.deb ...',
        'Unpacking git (1:2.47.3-0) ...',
        'Unpacking g++ (4:14.2.0-1) ...',
        'Setting up git (1:2.47.3-0) ...',
        'Processing triggers for man-db (2.13.1-1) ...',
      ]),
    ).toEqual([
      undefined,
      undefined,
      'unpacking 1 of 2 packages',
      'unpacking 2 of 2 packages',
      'setting up 1 of 2 packages',
      undefined,
    ]);
  });

  it('that only refreshes its lists tells no share of a whole that it does not know', () => {
    expect(told(['Get:1 http://mirror.example/debian trixie InRelease [140 kB]', 'Hit:2 http://x y'])).toEqual([
      undefined,
      undefined,
    ]);
  });
});

it('docker pull tells the layers', () => {
  const lines = told([
    'v1.108.11: Pulling from berriai/litellm',
    '0123456789ab: Pulling fs layer',
    '1123456789ab: Already exists',
    '0123456789ab: Verifying Checksum',
    '0123456789ab: Download complete',
    '0123456789ab: Pull complete',
    'Digest: sha256:0123',
  ]);
  expect(lines).toEqual([
    undefined,
    '0 of 1 layers fetched, 0 unpacked',
    '1 of 2 layers fetched, 1 unpacked',
    '1 of 2 layers fetched, 1 unpacked',
    '2 of 2 layers fetched, 1 unpacked',
    '2 of 2 layers fetched, 2 unpacked',
    undefined,
  ]);
});

describe('docker pull in a terminal', () => {
  it('tells what is fetched, how fast, and the time that is left once each layer has told its size', () => {
    const lines = told([
      'v1.108.14: Pulling from berriai/litellm',
      '0123456789ab: Pulling fs layer',
      '1123456789ab: Pulling fs layer',
      '2123456789ab: Already exists',
      '0123456789ab: Downloading   4.56MB/45.6MB',
      '0123456789ab: Downloading  9.12MB/45.6MB',
      '1123456789ab: Downloading [==>         ]  320kB/3.2MB',
      '0123456789ab: Downloading   45.6MB/45.6MB',
      '0123456789ab: Verifying Checksum',
      '0123456789ab: Download complete',
      '1123456789ab: Download complete',
      '0123456789ab: Extracting   15.2MB/45.6MB',
      '0123456789ab: Pull complete',
      '1123456789ab: Pull complete',
      'Digest: sha256:0123',
    ]);
    expect(lines).toEqual([
      undefined,
      '0 of 1 layers fetched, 0 unpacked',
      '0 of 2 layers fetched, 0 unpacked',
      '1 of 3 layers fetched, 1 unpacked',
      '4.6 MB, 1 of 3 layers fetched',
      '9.1 MB, 9.1 MB/s, 1 of 3 layers fetched',
      '9.4 of 49 MB, 4.7 MB/s, 8.3 s left',
      '46 of 49 MB, 15 MB/s, 0.2 s left',
      '46 of 49 MB, 11 MB/s, 0.3 s left',
      '46 of 49 MB, 9.2 MB/s, 0.3 s left',
      '49 MB fetched, 1 of 3 layers unpacked',
      '49 MB fetched, 15 MB unpacked',
      '49 MB fetched, 46 MB unpacked',
      '49 MB fetched, 3 of 3 layers unpacked',
      undefined,
    ]);
  });

  it('tells what is unpacked of a layer that another pull had fetched', () => {
    const lines = told([
      '1123456789ab: Already exists',
      '0123456789ab: Pulling fs layer',
      '0123456789ab: Extracting   15.2MB/45.6MB',
    ]);
    expect(lines.at(-1)).toBe('46 MB fetched, 15 MB unpacked');
  });

  it('says no time that nobody knows: of a layer without a size, and where nothing comes', () => {
    const lines = told([
      '0123456789ab: Downloading      0B/45.6MB',
      '0123456789ab: Downloading      0B/45.6MB',
      '0123456789ab: Downloading   4.56MB',
    ]);
    expect(lines).toEqual(['0.0 of 46 MB', '0.0 of 46 MB', '0.0 of 46 MB']);
  });
});

it.each([
  ['  % Total    % Received % Xferd  Average Speed   Time    Time     Time  Current', undefined],
  [
    ' 12  363M   12 45.2M    0     0  10.1M      0  0:00:35  0:00:04  0:00:31 10.2M',
    '47 of 381 MB, 11 MB/s, 31 s left',
  ],
  ['100  363M  100  363M    0     0  88.2M      0  0:00:04  0:00:04 --:--:-- 90.1M', '381 MB fetched'],
  ['  0     0    0     0    0     0      0      0 --:--:-- --:--:-- --:--:--     0', undefined],
  [' 41  363M   41  149M    0     0   9.9M      0  0:00:36  0:00:15  0:00:21     0', '156 of 381 MB'],
])("curl's meter: %s", (line, words) => {
  expect(told([line])).toEqual([words]);
});

it('one program knows nothing of the one before', () => {
  const progress = createToolProgress(() => 0);
  progress.read('0 upgraded, 9 newly installed, 0 to remove and 0 not upgraded.');
  progress.begin();
  expect(progress.read('Unpacking git (1) ...')).toBeUndefined();
});
