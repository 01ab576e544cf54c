/** The resources that there is one of. */
const single = [
  ...['account', 'authorized-key', 'base-packages', 'clock', 'full-upgrade', 'half-installed-packages', 'linger'],
  ...['modes-of-ssh', 'package-lists', 'packages', 'service-manager', 'sudo-group', 'time-zone', 'unattended-upgrades'],
  ...['fail2ban', 'fail2ban-reads-the-journal', 'fail2ban-service'],
  ...['firewall', 'firewall-at-boot', 'firewall-loaded', 'firewall-rules', 'firewall-service', 'nftables'],
  'this-ssh-connection-stays-open',
  ...['docker-client-settings', 'docker-context', 'docker-packages', 'docker-repository', 'engine-service'],
  ...['first-container', 'images-and-containers', 'repository-as-before', 'rootful-containers', 'rootless-setup'],
  ...['compose-file', 'folder-of-the-request-log', 'gateway-configuration', 'gateway-container', 'gateway-guard'],
  ...['gateway-hook', 'gateway-hook-for-cloud-errors', 'gateway-image', 'gateway-image-ahead', 'gateway-local-content'],
  ...['gateway-local-habits', 'gateway-local-requests', 'gateway-local-schemas', 'gateway-local-sight'],
  ...['gateway-local-queue', 'gateway-local-turns', 'gateway-queue-state'],
  ...['gateway-local-wake', 'wake-script', 'wake-service', 'wake-path', 'watch-for-wakes'],
  ...['gateway-cloud-failover', 'gateway-cloud-faults', 'gateway-cloud-refusals', 'gateway-cloud-turns'],
  ...[
    'gateway-model-list',
    'gateway-overflow-words',
    'gateway-prices',
    'gateway-litellm-parts',
    'gateway-cache-writes',
    'gateway-rules',
    'gateway-agent-names',
    'gateway-log-file',
    'gateway-names',
    'gateway-warm-up',
    'gateway-lighter',
    'gateway-past-months',
    'gateway-ceiling',
    'gateway-spending',
    'gateway-start-up',
    'gateway-sealed-files',
    'gateway-sealed-folders',
    'gateway-sealed-paths',
    'gateway-sealed-text',
    'sealed-folders',
    'gateway-system-turns',
    'gateway-local-answers',
    'gateway-local-servers',
    'gateway-conversations',
  ],
  ...['gateway-request-log', 'gateway-way-to-dial', 'hand-made-gateway', 'throw-away-gateway'],
  ...['former-image', 'image', 'image-before-the-former-one', 'image-that-did-not-do', 'kept-image', 'previous-image'],
  ...['candidate-image', 'candidate-removed', 'model-loaded', 'mise', 'tools', 'toolchain'],
  ...['claude-code', 'claude-code-repository', 'traces-of-the-first-start', 'your-client-settings'],
  ...['effort-of-the-routed-mode', 'first-start', 'routed-settings', 'status-line', 'variables-of-the-service-manager'],
  ...['shell-environment', 'zsh-environment', 'fish-environment'],
  ...['sentinel-last-word', 'sentinel-script', 'sentinel-service', 'sentinel-timer', 'timer-of-the-sentinel'],
  ...['keys', 'your-answers', 'backup', 'backups', 'former-value'],
  ...['drafts-of-a-run-that-was-cut-off', 'empty-folders', 'journal', 'logs-and-proofs', 'own-records', 'report'],
] as const;

/** The kinds of which there is one for each path, name or image. */
type Several =
  | 'completion'
  | 'launcher'
  | 'manual-page'
  | 'put-back'
  | 'repository'
  | 'repository-key'
  | 'rootful-unit'
  | 'start-up-file'
  | 'subordinate-ids'
  | 'unused-image'
  | 'variables';

/** What a resource is found by, in the program and in the action log. Its title is for people alone, and may change. */
export type ResourceId = (typeof single)[number] | `${Several}:${string}`;
