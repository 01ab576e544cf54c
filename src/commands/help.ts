import { exitCodeWords } from './exit-codes.ts';

const exitCodeLines = exitCodeWords.map(([code, words]) => `  ${String(code).padStart(3)}  ${words}`).join('\n');

/** The text of --help. */
export const helpText = `claude-routing-install [command] [options]

Turns this Debian 13 host into a Claude Code box, routed through a LiteLLM
gateway between LM Studio and a cloud Claude. Run it as the service user.

Commands
  install            ask, show, confirm, do, prove (the default)
  plan               what install would change; changes nothing
  status             what is installed, what runs, what has drifted
  doctor             what is wrong, why, and what to type; --fix does it
  doctor why [NAME]  where a routing variable gets its value
  doctor bundle [F]  a report without secrets, to be sent to somebody
  drill              prove it: real requests, and every failover case
  usage              requests and tokens by backend, and every failover
  update [PART]      gateway, claude-code, mise, launchers: newer ones,
                     tried first; back to the old one when they fail
  restore [RUN]      the backups of earlier runs; puts one back
  uninstall          take everything off again; --purge also packages,
                     images and keys
  secrets set N      give a key a new value; it is tried and proven
  secrets rotate N   the same; makes the gateway's own key itself
  answers init       print a commented answers file
  answers check F    validate an answers file
  answers schema     print its JSON Schema
  answers show [F]   the effective answers; keys as fingerprints
  prepare-host       as root: packages, service user, linger, key

Options
  --answers FILE     answers as YAML or JSON
  --yes              agree to everything shown; never ask
  --set KEY=VALUE    one answer, e.g. --set localModel.address=10.0.0.5
  --ask              ask all questions again, with your answers as defaults
  --only A,B         only these steps        --skip A,B   all but these
  --dry-run          the same as plan
  --json             one JSON object a line  --verbose    every command
  --no-color         no colours (also NO_COLOR)
  --version, --help
  usage: --days N (default 7)
  update: --check, --image REF
  secrets: --from env:NAME, --from file:/path, --from - (standard input)
  prepare-host: --user NAME, --authorized-key FILE, --print-script

Every answer also has an environment variable: localModel.address is
CLAUDE_ROUTING_LOCAL_MODEL_ADDRESS. Keys: ANTHROPIC_DIRECT_KEY,
AZURE_API_KEY, LM_API_TOKEN. Keys are never taken from the command line.

Exit codes
${exitCodeLines}
`;
