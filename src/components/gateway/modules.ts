import agentNamesText from '../../../templates/gateway/agent_names.py?raw';
import cloudErrorsText from '../../../templates/gateway/cloud/cloud_errors.py?raw';
import cloudFailoverText from '../../../templates/gateway/cloud/cloud_failover.py?raw';
import cloudFaultsText from '../../../templates/gateway/cloud/cloud_faults.py?raw';
import cloudRefusalsText from '../../../templates/gateway/cloud/cloud_refusals.py?raw';
import cloudTurnsText from '../../../templates/gateway/cloud/cloud_turns.py?raw';
import conversationsText from '../../../templates/gateway/conversations.py?raw';
import gatewayNamesText from '../../../templates/gateway/gateway_names.py?raw';
import lighterText from '../../../templates/gateway/lighter.py?raw';
import litellmPartsText from '../../../templates/gateway/litellm_parts.py?raw';
import localAnswersText from '../../../templates/gateway/local/local_answers.py?raw';
import localCompatText from '../../../templates/gateway/local/local_compat.py?raw';
import localContentText from '../../../templates/gateway/local/local_content.py?raw';
import localHabitsText from '../../../templates/gateway/local/local_habits.py?raw';
import localQueueText from '../../../templates/gateway/local/local_queue.py?raw';
import localRequestText from '../../../templates/gateway/local/local_request.py?raw';
import localSchemasText from '../../../templates/gateway/local/local_schemas.py?raw';
import localServersText from '../../../templates/gateway/local/local_servers.py?raw';
import localSightText from '../../../templates/gateway/local/local_sight.py?raw';
import localTurnsText from '../../../templates/gateway/local/local_turns.py?raw';
import localWakeText from '../../../templates/gateway/local/local_wake.py?raw';
import queueStateText from '../../../templates/gateway/local/queue_state.py?raw';
import logFileText from '../../../templates/gateway/log_file.py?raw';
import modelListText from '../../../templates/gateway/model_list.py?raw';
import overflowWordsText from '../../../templates/gateway/overflow_words.py?raw';
import pastMonthsText from '../../../templates/gateway/past_months.py?raw';
import requestLogText from '../../../templates/gateway/request_log.py?raw';
import routingGuardText from '../../../templates/gateway/routing_guard.py?raw';
import routingRulesText from '../../../templates/gateway/routing_rules.py?raw';
import sealedFilesText from '../../../templates/gateway/sealed/sealed_files.py?raw';
import sealedFoldersText from '../../../templates/gateway/sealed/sealed_folders.py?raw';
import sealedPathsText from '../../../templates/gateway/sealed/sealed_paths.py?raw';
import sealedTextText from '../../../templates/gateway/sealed/sealed_text.py?raw';
import sitecustomizeText from '../../../templates/gateway/sitecustomize.py?raw';
import cacheWritesText from '../../../templates/gateway/spending/cache_writes.py?raw';
import ceilingText from '../../../templates/gateway/spending/ceiling.py?raw';
import pricesText from '../../../templates/gateway/spending/prices.py?raw';
import spendingText from '../../../templates/gateway/spending/spending.py?raw';
import systemTurnsText from '../../../templates/gateway/system_turns.py?raw';
import upstreamConnectionsText from '../../../templates/gateway/upstream_connections.py?raw';
import warmUpText from '../../../templates/gateway/warm_up.py?raw';
import type { Layout } from '../../layout.ts';
import type { ResourceId } from '../../resources/resource-id.ts';

/** A Python module of ours that runs inside the gateway; it can import the others by their names. */
export interface GatewayModule {
  /** What its resource is called. */
  readonly id: ResourceId;
  readonly title: string;
  /** Its file's name, on the machine below the gateway's folder and in the container. */
  readonly file: string;
  readonly text: string;
  /** LiteLLM loads it by its configuration; the others are imported by these. */
  readonly isCallback: boolean;
}

/** Where Python looks first in the container, and finds what it loads by itself at its start. */
export const startUpFolder = '/app/startup';

/** Every module of the gateway: what is written, mounted, hashed, compared and taken off again follows from this list. */
export const gatewayModules: readonly GatewayModule[] = [
  loaded('gateway-guard', 'gateway guard', 'routing_guard.py', routingGuardText),
  imported('gateway-litellm-parts', "gateway's look at LiteLLM", 'litellm_parts.py', litellmPartsText),
  imported('gateway-model-list', "gateway's list of models", 'model_list.py', modelListText),
  imported('gateway-rules', "gateway's rules", 'routing_rules.py', routingRulesText),
  imported('gateway-agent-names', "gateway's names of subagents", 'agent_names.py', agentNamesText),
  imported('gateway-sealed-folders', "gateway's sealed folders", 'sealed_folders.py', sealedFoldersText),
  imported('gateway-sealed-files', "gateway's look at sealed files", 'sealed_files.py', sealedFilesText),
  imported('gateway-sealed-paths', "gateway's paths of sealed files", 'sealed_paths.py', sealedPathsText),
  imported('gateway-sealed-text', "gateway's text of sealed files", 'sealed_text.py', sealedTextText),
  imported('gateway-way-to-dial', "gateway's way to dial", 'upstream_connections.py', upstreamConnectionsText),
  imported('gateway-cloud-refusals', "gateway's cloud refusals", 'cloud_refusals.py', cloudRefusalsText),
  imported('gateway-cloud-faults', "gateway's cloud faults", 'cloud_faults.py', cloudFaultsText),
  imported('gateway-cloud-turns', "gateway's cloud turns", 'cloud_turns.py', cloudTurnsText),
  imported('gateway-system-turns', "gateway's system turns", 'system_turns.py', systemTurnsText),
  // Before the one for the local model: what does not go there is not made fit for it.
  loaded('gateway-cloud-failover', "gateway's hook for clouds that fail", 'cloud_failover.py', cloudFailoverText),
  loaded('gateway-hook', 'gateway hook', 'local_compat.py', localCompatText),
  imported('gateway-local-requests', "gateway's local requests", 'local_request.py', localRequestText),
  imported('gateway-local-content', "gateway's local content", 'local_content.py', localContentText),
  imported('gateway-local-schemas', "gateway's local schemas", 'local_schemas.py', localSchemasText),
  imported('gateway-local-sight', "gateway's local sight", 'local_sight.py', localSightText),
  imported('gateway-local-habits', "gateway's local habits", 'local_habits.py', localHabitsText),
  imported('gateway-local-answers', "gateway's local answers", 'local_answers.py', localAnswersText),
  imported('gateway-local-servers', "gateway's local servers", 'local_servers.py', localServersText),
  imported('gateway-conversations', "gateway's conversations", 'conversations.py', conversationsText),
  imported('gateway-local-queue', "gateway's local queue", 'local_queue.py', localQueueText),
  imported('gateway-queue-state', "gateway's word of who waits", 'queue_state.py', queueStateText),
  imported('gateway-local-turns', "gateway's local turns", 'local_turns.py', localTurnsText),
  imported('gateway-local-wake', "gateway's way to wake", 'local_wake.py', localWakeText),
  imported('gateway-overflow-words', "gateway's words for an overflow", 'overflow_words.py', overflowWordsText),
  loaded('gateway-hook-for-cloud-errors', "gateway's hook for cloud errors", 'cloud_errors.py', cloudErrorsText),
  loaded('gateway-request-log', "gateway's request log", 'request_log.py', requestLogText),
  imported('gateway-prices', "gateway's prices", 'prices.py', pricesText),
  imported('gateway-log-file', "gateway's log file", 'log_file.py', logFileText),
  imported('gateway-warm-up', "gateway's warm-up", 'warm_up.py', warmUpText),
  imported('gateway-lighter', "gateway's way to do less", 'lighter.py', lighterText),
  imported('gateway-names', "gateway's names", 'gateway_names.py', gatewayNamesText),
  imported('gateway-past-months', "gateway's care for past months", 'past_months.py', pastMonthsText),
  imported('gateway-cache-writes', "gateway's count of cache writes", 'cache_writes.py', cacheWritesText),
  imported('gateway-ceiling', "gateway's ceiling", 'ceiling.py', ceilingText),
  imported('gateway-spending', "gateway's sums of what was spent", 'spending.py', spendingText),
  imported('gateway-start-up', "gateway's start-up", 'sitecustomize.py', sitecustomizeText),
];

/** A module that LiteLLM loads by its configuration. */
function loaded(id: ResourceId, title: string, file: string, text: string): GatewayModule {
  return { id, title, file, text, isCallback: true };
}

/** A module that those import. */
function imported(id: ResourceId, title: string, file: string, text: string): GatewayModule {
  return { id, title, file, text, isCallback: false };
}

/** Where a module lies on the machine. */
export function modulePath({ gatewayDir }: Pick<Layout, 'gatewayDir'>, { file }: GatewayModule): string {
  return `${gatewayDir}/${file}`;
}

/** Where the container has a module: the callbacks beside the configuration, as LiteLLM looks for them. */
export function mountedAt({ file, text }: GatewayModule): string {
  return `${text === sitecustomizeText ? startUpFolder : '/app'}/${file}`;
}

/** How LiteLLM's configuration names a module's callback. */
export function callbackName({ file }: GatewayModule): string {
  return `${file.replace(/\.py$/, '')}.proxy_handler_instance`;
}
