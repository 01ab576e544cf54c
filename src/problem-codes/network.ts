import type { Explanation } from './explanation.ts';

/** The network and the keys. */
export const networkProblems = {
  'api-key-set': {
    meaning: 'ANTHROPIC_API_KEY is set, and every plain claude that sees it is billed by the token',
    causes: 'A start-up file, a service or the key file sets it.',
    fix: 'claude-routing-install doctor why ANTHROPIC_API_KEY   then  claude-routing-install doctor --fix',
  },
  'certificate-untrusted': {
    meaning: 'the certificate of a server is not trusted here',
    causes: 'A wrong clock, a proxy that intercepts TLS, or a server that speaks plain http.',
    fix: 'timedatectl   behind such a proxy:  sudo cp FILE.crt /usr/local/share/ca-certificates/ && sudo update-ca-certificates',
  },
  'connection-blocked': {
    meaning: 'a connection to the internet is blocked',
    causes: 'A firewall, no default route, or a proxy that has to be used.',
    fix: 'ip route; curl -sSI https://api.anthropic.com',
  },
  'connection-cut': {
    meaning: 'a connection ended before the answer was complete',
    causes: 'The server was stopped or restarted, or something on the way gave up.',
    fix: 'restart that server, then try again',
  },
  'connection-refused': {
    meaning: 'the machine is up, but nothing listens on the port',
    causes: 'The server is not started, has another port, or listens on 127.0.0.1 only.',
    fix: 'start the server there, so that it listens on 0.0.0.0:  claude-routing-install doctor --only local-server   says how',
  },
  'download-unreachable': {
    meaning: 'a download site cannot be reached',
    causes: 'No network, no DNS, a firewall, or a site that is down.',
    fix: 'getent hosts download.docker.com claude.ai ghcr.io; curl -sSI https://ghcr.io',
  },
  'host-unreachable': {
    meaning: 'no machine answers at an address',
    causes: 'It is off or asleep, has a different address now, or there is no route to it.',
    fix: 'ip -4 route; ping -c 1 ADDRESS',
  },
  'https-wanted': {
    meaning: 'a server wants https and was asked by http',
    causes: 'The address begins with http:// and should begin with https://.',
    fix: 'type the same address with https://',
  },
  'key-malformed': {
    meaning: 'a text cannot be a key: it has spaces or characters that no key has',
    causes: 'It was copied with something around it, or only in part.',
    fix: 'copy it again, in one line with nothing around it:  claude-routing-install secrets set NAME',
  },
  'key-missing': {
    meaning: 'a required key is missing',
    causes: 'It was never given, or its line in the key file is gone or empty.',
    fix: 'claude-routing-install secrets set NAME',
  },
  'key-not-used': {
    meaning: 'a key belongs to something that is not among your answers',
    causes: 'The cloud or server that it is for was not chosen.',
    fix: 'claude-routing-install --ask',
  },
  'key-of-another-kind': {
    meaning: 'a key of the wrong kind: a login, an admin key, or the private half of a pair',
    causes: 'The wrong one was copied.',
    fix: 'create one of the right kind at https://platform.claude.com/settings/keys; it begins with sk-ant-api',
  },
  'key-source-empty': {
    meaning: 'the variable, file or input for a key is empty',
    causes: 'The variable is not exported, or the file is empty or not readable for you.',
    fix: 'read -rs NAME && export NAME   or put it into a file:  chmod 600 FILE',
  },
  'key-unchanged': {
    meaning: 'the new key is the same as the old one',
    causes: 'The old one was pasted again.',
    fix: 'create a new key, then  claude-routing-install secrets rotate NAME',
  },
  'name-not-found': {
    meaning: 'a name has no address: it is wrong, or this machine has no DNS',
    causes: 'A misspelling, a name that only your router knows, or no network.',
    fix: 'getent hosts NAME   in your own network, type the IPv4 address instead',
  },
  'port-taken': {
    meaning: 'another program listens on a port that is needed',
    causes: 'An earlier gateway, a development server, or an engine of another account.',
    fix: 'ss -ltnp   then stop it, or use another one:  claude-routing-install --set gateway.port=4001',
  },
  'proxy-between': {
    meaning: 'a proxy or a login page answers instead of the service',
    causes: 'The network requires a login first, or sends everything through a proxy, which may want a password.',
    fix: 'curl -sSI https://api.anthropic.com/v1/models   shows who answers',
  },
  'secrets-file-open': {
    meaning: 'other accounts on this machine can read the key file',
    causes: 'It was copied or edited with a different mode.',
    fix: 'chmod 600 ~/.config/claude-secrets.env',
  },
  'secrets-file-unclear': {
    meaning: 'the key file has a line that programs read differently, or contains a key twice',
    causes: 'Carriage returns from Windows, quotation marks, a line that is not NAME=value.',
    fix: 'correct the line that the problem names:  nano ~/.config/claude-secrets.env',
  },
  'timed-out': {
    meaning: 'something did not answer in time',
    causes: 'It is off, asleep, busy, or a firewall drops the connection.',
    fix: 'ping -c 1 ADDRESS; uptime   then try again',
  },
} as const satisfies Record<string, Explanation>;
