import type { Secret } from '../host/secret.ts';

/** The keys, apart from the answers and never printed. */
export interface Secrets {
  readonly gatewayKey: Secret;
  readonly anthropicKey?: Secret;
  readonly foundryKey?: Secret;
  readonly localModelToken?: Secret;
}

export type SecretName = keyof Secrets;

/** Variable names in the secrets file. The Claude key is never called ANTHROPIC_API_KEY: that name would switch every client to paid billing. */
export const secretVariables: Readonly<Record<SecretName, string>> = {
  gatewayKey: 'LITELLM_MASTER_KEY',
  anthropicKey: 'ANTHROPIC_DIRECT_KEY',
  foundryKey: 'AZURE_API_KEY',
  localModelToken: 'LM_STUDIO_API_KEY',
};
