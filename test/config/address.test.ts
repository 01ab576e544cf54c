import { describe, expect, it } from 'vitest';
import { addressProblem, containerReachabilityProblem, normaliseAddress } from '../../src/config/address.ts';

describe('an address typed in any form', () => {
  it.each([
    ['192.168.1.20', 'http://192.168.1.20:1234'],
    ['192.168.1.20:8080', 'http://192.168.1.20:8080'],
    ['http://192.168.1.20', 'http://192.168.1.20:1234'],
    ['http://192.168.1.20:80', 'http://192.168.1.20:80'],
    ['  HTTP://192.168.1.20:1234/v1/  ', 'http://192.168.1.20:1234'],
    ['192.168.1.20:1234/v1/models', 'http://192.168.1.20:1234'],
    ['http://192.168.1.20:1234/api/v1/models?x=1#y', 'http://192.168.1.20:1234'],
    ['http://192.168.1.20:1234//', 'http://192.168.1.20:1234'],
    ['http:/192.168.1.20', 'http://192.168.1.20:1234'],
    ['192.168.1.20 : 1234', 'http://192.168.1.20:1234'],
    ['192.168.1.20.', 'http://192.168.1.20:1234'],
    ['192。168。1。20。', 'http://192.168.1.20:1234'],
    ['192.168.1.20\u200b', 'http://192.168.1.20:1234'],
    ['192.168.1.20:00080', 'http://192.168.1.20:80'],
    ['lm_büro', 'http://xn--lm_bro-6ya:1234'],
    ['Straße.example', 'http://xn--strae-oqa.example:1234'],
    ['::ffff:1.2.3.4', 'http://[::ffff:102:304]:1234'],
    ['"192.168.1.20"', 'http://192.168.1.20:1234'],
    ['<http://192.168.1.20:1234>', 'http://192.168.1.20:1234'],
    ['１９２.168.1.20：1234', 'http://192.168.1.20:1234'],
    ['ws://192.168.1.20:1234', 'http://192.168.1.20:1234'],
    ['https://lm.example.org', 'https://lm.example.org:443'],
    ['https://lm.example.org:8443/v1', 'https://lm.example.org:8443'],
    ['LMStudio.LOCAL', 'http://lmstudio.local:1234'],
    ['lmstudio.local.', 'http://lmstudio.local:1234'],
    ['my_box', 'http://my_box:1234'],
    ['bücher.local', 'http://xn--bcher-kva.local:1234'],
    ['[fd00::20]:4321', 'http://[fd00::20]:4321'],
    ['FD00:0::20', 'http://[fd00::20]:1234'],
    ['http://[fd00::20]/v1', 'http://[fd00::20]:1234'],
    ['localhost:1234', 'http://localhost:1234'],
    ['curl http://192.168.1.20:1234/v1/models', 'http://192.168.1.20:1234'],
    ['curl -s -H \'x: y\' "http://192.168.1.20:1234/api/v1/models" | jq .', 'http://192.168.1.20:1234'],
  ])('%j becomes %s, and stays so', (typed, wanted) => {
    expect(addressProblem(typed)).toBeUndefined();
    expect(normaliseAddress(typed)).toBe(wanted);
    expect(normaliseAddress(wanted)).toBe(wanted);
  });

  it.each([
    ['', 'No address'],
    ['   ', 'No address'],
    ['http://', 'missing'],
    ['http:1234', 'missing'],
    ['lm_box\\', 'not the name'],
    ['lm\\box', 'not the name'],
    ['%6cm', 'not the name'],
    ['a\u202eb', 'not the name'],
    ['xn--a', 'not the name'],
    ['foo.1', 'not the name'],
    ['0x7f.1', 'Type 127.0.0.1'],
    ['0xc0a80114', 'Type 192.168.1.20'],
    ['ff02::1', 'not the address of one machine'],
    ['[::1%25eth0]', 'one network link'],
    ['\u00a0,'.repeat(100_000), 'One address'],
    [':1234', 'missing'],
    ['192.168.1', 'four numbers'],
    ['192.168.1.300', 'four numbers'],
    ['192.168.001.020', 'four numbers'],
    ['3232235796', 'four numbers'],
    ['224.0.0.1', 'not the address of one machine'],
    ['255.255.255.255', 'not the address of one machine'],
    ['192.168.1.0/24', 'whole network'],
    ['192.168.1.20:0', 'from 1 to 65535'],
    ['192.168.1.20:65536', 'from 1 to 65535'],
    ['192.168.1.20:abc', 'not a port number'],
    ['192.168.1.20:12:34', 'not an address'],
    ['192.168.1.20 192.168.1.21', 'One address'],
    ['192.168.1.20,192.168.1.21', 'One address'],
    ['two words', 'One address'],
    ['box\u001b[31m', 'One address'],
    ['x'.repeat(301), 'One address'],
    ['ftp://192.168.1.20', 'not by ftp'],
    ['constructor://192.168.1.20', 'not by constructor'],
    ['file:///etc/passwd', 'not by file'],
    ['http://192.168.1.20/lmstudio', 'path /lmstudio'],
    ['http://http://192.168.1.20', 'path'],
    ['-box', 'not the name'],
    ['box..local', 'not the name'],
    ['fe80::1%eth0', 'one network link'],
    ['http://[fe80::1]:1234', 'one network link'],
    ['[12345::1]:1234', 'not an address'],
  ])('%j is refused with "%s" and an example', (typed, reason) => {
    expect(addressProblem(typed)).toContain(reason);
    expect(addressProblem(typed)).toMatch(/192\.168\.1\.20|Type 127/);
    expect(() => normaliseAddress(typed)).toThrow(reason);
  });

  it.each(['http://me:c4n4ry@192.168.1.20', 'sk-lm-c4n4ry', 'curl -H "x: c4n4ry" me@box'])(
    'a secret in %j is refused and not repeated',
    (typed) => {
      expect(addressProblem(typed)).toBeDefined();
      expect(addressProblem(typed)).not.toContain('c4n4ry');
    },
  );
});

describe('what a rootless container can reach', () => {
  const own = ['127.0.0.1', '::1', '192.168.1.10/24', 'fe80::1%eth0'];

  it.each([
    'localhost',
    'LOCALHOST',
    'lm.localhost',
    '127.0.0.1',
    '127.1.2.3:5000',
    '[::1]',
    '[::]',
    '[::ffff:127.0.0.1]',
    '0.0.0.0',
    'host.docker.internal',
  ])('not %s, and the way out is named', (typed) => {
    const problem = containerReachabilityProblem(normaliseAddress(typed), own);
    expect(problem?.fix).toContain('listen on the local network');
    expect(problem?.fix).toContain('192.168.1.20:');
  });

  it("names this host's own address with the port that was typed, for an LM Studio on this host", () => {
    expect(containerReachabilityProblem('http://localhost:5000', own)?.fix).toContain('192.168.1.10:5000');
    expect(containerReachabilityProblem('http://localhost:5000', ['127.0.0.1'])?.fix).not.toContain('this very host');
  });

  it.each(['[fd00::20]', 'http://[2001:db8::7]:8080'])('%s is none that a container can use', (typed) => {
    expect(containerReachabilityProblem(normaliseAddress(typed), own)).toMatchObject({
      problem: expect.stringContaining('no IPv6') as string,
      fix: expect.stringContaining("the machine's IPv4 address") as string,
    });
  });

  it.each(['192.168.1.20', '192.168.1.10', 'lmstudio.local', 'localhost.example.org'])('%s is let through', (typed) => {
    expect(containerReachabilityProblem(normaliseAddress(typed), own)).toBeUndefined();
  });
});
