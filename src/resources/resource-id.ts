/** The resources that there is one of. */
const single = [
  ...['account', 'authorized-key', 'base-packages', 'clock', 'full-upgrade', 'half-installed-packages', 'linger'],
  ...['modes-of-ssh', 'package-lists', 'packages', 'service-manager', 'sudo-group', 'time-zone', 'unattended-upgrades'],
  ...['fail2ban', 'fail2ban-reads-the-journal', 'fail2ban-service'],
  ...['firewall', 'firewall-at-boot', 'firewall-loaded', 'firewall-rules', 'firewall-service', 'nftables'],
  'this-ssh-connection-stays-open',
  ...['docker-client-settings', 'docker-context', 'docker-packages', 'docker-repository', 'engine-service'],
  ...['first-container', 'images-and-containers', 'repository-as-before', 'rootful-containers', 'rootless-setup'],
  ...['compose-file', 'folder-of-the-request-log', 'gateway-configuration', 'gateway-container', 'gateway-image'],
  ...['gateway-image-ahead', 'hand-made-gateway', 'sealed-folders', 'throw-away-gateway'],
  ...['wake-script', 'wake-service', 'wake-path', 'watch-for-wakes'],
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
  | 'gateway-module'
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
