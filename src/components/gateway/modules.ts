import agentNamesText from '../../../templates/gateway/agent_names.py?raw';
import cloudErrorsText from '../../../templates/gateway/cloud/cloud_errors.py?raw';
import cloudFailoverText from '../../../templates/gateway/cloud/cloud_failover.py?raw';
import cloudFaultsText from '../../../templates/gateway/cloud/cloud_faults.py?raw';
import cloudRefusalsText from '../../../templates/gateway/cloud/cloud_refusals.py?raw';
import cloudTurnsText from '../../../templates/gateway/cloud/cloud_turns.py?raw';
import conversationsText from '../../../templates/gateway/conversations.py?raw';
import gatewayNamesText from '../../../templates/gateway/gateway_names.py?raw';
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
  { id: 'gateway-guard', title: 'gateway guard', file: 'routing_guard.py', text: routingGuardText, isCallback: true },
  {
    id: 'gateway-model-list',
    title: "gateway's list of models",
    file: 'model_list.py',
    text: modelListText,
    isCallback: false,
  },
  {
    id: 'gateway-rules',
    title: "gateway's rules",
    file: 'routing_rules.py',
    text: routingRulesText,
    isCallback: false,
  },
  {
    id: 'gateway-agent-names',
    title: "gateway's names of subagents",
    file: 'agent_names.py',
    text: agentNamesText,
    isCallback: false,
  },
  {
    id: 'gateway-sealed-folders',
    title: "gateway's sealed folders",
    file: 'sealed_folders.py',
    text: sealedFoldersText,
    isCallback: false,
  },
  {
    id: 'gateway-sealed-files',
    title: "gateway's look at sealed files",
    file: 'sealed_files.py',
    text: sealedFilesText,
    isCallback: false,
  },
  {
    id: 'gateway-sealed-paths',
    title: "gateway's paths of sealed files",
    file: 'sealed_paths.py',
    text: sealedPathsText,
    isCallback: false,
  },
  {
    id: 'gateway-sealed-text',
    title: "gateway's text of sealed files",
    file: 'sealed_text.py',
    text: sealedTextText,
    isCallback: false,
  },
  {
    id: 'gateway-way-to-dial',
    title: "gateway's way to dial",
    file: 'upstream_connections.py',
    text: upstreamConnectionsText,
    isCallback: false,
  },
  {
    id: 'gateway-cloud-refusals',
    title: "gateway's cloud refusals",
    file: 'cloud_refusals.py',
    text: cloudRefusalsText,
    isCallback: false,
  },
  {
    id: 'gateway-cloud-faults',
    title: "gateway's cloud faults",
    file: 'cloud_faults.py',
    text: cloudFaultsText,
    isCallback: false,
  },
  {
    id: 'gateway-cloud-turns',
    title: "gateway's cloud turns",
    file: 'cloud_turns.py',
    text: cloudTurnsText,
    isCallback: false,
  },
  {
    id: 'gateway-system-turns',
    title: "gateway's system turns",
    file: 'system_turns.py',
    text: systemTurnsText,
    isCallback: false,
  },
  // Before the one for the local model: what does not go there is not made fit for it.
  {
    id: 'gateway-cloud-failover',
    title: "gateway's hook for clouds that fail",
    file: 'cloud_failover.py',
    text: cloudFailoverText,
    isCallback: true,
  },
  { id: 'gateway-hook', title: 'gateway hook', file: 'local_compat.py', text: localCompatText, isCallback: true },
  {
    id: 'gateway-local-requests',
    title: "gateway's local requests",
    file: 'local_request.py',
    text: localRequestText,
    isCallback: false,
  },
  {
    id: 'gateway-local-content',
    title: "gateway's local content",
    file: 'local_content.py',
    text: localContentText,
    isCallback: false,
  },
  {
    id: 'gateway-local-schemas',
    title: "gateway's local schemas",
    file: 'local_schemas.py',
    text: localSchemasText,
    isCallback: false,
  },
  {
    id: 'gateway-local-sight',
    title: "gateway's local sight",
    file: 'local_sight.py',
    text: localSightText,
    isCallback: false,
  },
  {
    id: 'gateway-local-habits',
    title: "gateway's local habits",
    file: 'local_habits.py',
    text: localHabitsText,
    isCallback: false,
  },
  {
    id: 'gateway-local-answers',
    title: "gateway's local answers",
    file: 'local_answers.py',
    text: localAnswersText,
    isCallback: false,
  },
  {
    id: 'gateway-local-servers',
    title: "gateway's local servers",
    file: 'local_servers.py',
    text: localServersText,
    isCallback: false,
  },
  {
    id: 'gateway-conversations',
    title: "gateway's conversations",
    file: 'conversations.py',
    text: conversationsText,
    isCallback: false,
  },
  {
    id: 'gateway-local-queue',
    title: "gateway's local queue",
    file: 'local_queue.py',
    text: localQueueText,
    isCallback: false,
  },
  {
    id: 'gateway-queue-state',
    title: "gateway's word of who waits",
    file: 'queue_state.py',
    text: queueStateText,
    isCallback: false,
  },
  {
    id: 'gateway-local-turns',
    title: "gateway's local turns",
    file: 'local_turns.py',
    text: localTurnsText,
    isCallback: false,
  },
  {
    id: 'gateway-local-wake',
    title: "gateway's way to wake",
    file: 'local_wake.py',
    text: localWakeText,
    isCallback: false,
  },
  {
    id: 'gateway-overflow-words',
    title: "gateway's words for an overflow",
    file: 'overflow_words.py',
    text: overflowWordsText,
    isCallback: false,
  },
  {
    id: 'gateway-hook-for-cloud-errors',
    title: "gateway's hook for cloud errors",
    file: 'cloud_errors.py',
    text: cloudErrorsText,
    isCallback: true,
  },
  {
    id: 'gateway-request-log',
    title: "gateway's request log",
    file: 'request_log.py',
    text: requestLogText,
    isCallback: true,
  },
  { id: 'gateway-prices', title: "gateway's prices", file: 'prices.py', text: pricesText, isCallback: false },
  { id: 'gateway-log-file', title: "gateway's log file", file: 'log_file.py', text: logFileText, isCallback: false },
  { id: 'gateway-warm-up', title: "gateway's warm-up", file: 'warm_up.py', text: warmUpText, isCallback: false },
  {
    id: 'gateway-names',
    title: "gateway's names",
    file: 'gateway_names.py',
    text: gatewayNamesText,
    isCallback: false,
  },
  {
    id: 'gateway-past-months',
    title: "gateway's care for past months",
    file: 'past_months.py',
    text: pastMonthsText,
    isCallback: false,
  },
  { id: 'gateway-ceiling', title: "gateway's ceiling", file: 'ceiling.py', text: ceilingText, isCallback: false },
  {
    id: 'gateway-spending',
    title: "gateway's sums of what was spent",
    file: 'spending.py',
    text: spendingText,
    isCallback: false,
  },
  {
    id: 'gateway-start-up',
    title: "gateway's start-up",
    file: 'sitecustomize.py',
    text: sitecustomizeText,
    isCallback: false,
  },
];

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
