import type { Explanation } from './explanation.ts';

/** The clouds and the local model. */
export const modelsProblems = {
  'ceiling-reached': {
    meaning: 'the spending ceiling is reached, so no cloud is asked; local models answer as before',
    causes: 'The ceilings of your answers, spending.perDay and spending.perMonth.',
    fix: 'wait for the next day or month, or raise it:  claude-routing-install --set spending.perDay=DOLLARS',
  },
  'cloud-cannot-be-paid': {
    meaning: 'the account has no credit, or has reached its spending limit',
    causes: 'The credit is used up, a payment failed, or a limit was set for this month.',
    fix: 'https://platform.claude.com/settings/billing  and  https://platform.claude.com/settings/limits',
  },
  'cloud-fault': {
    meaning: 'the cloud is overloaded, or has an internal error',
    causes: 'Nothing on your side.',
    fix: 'try again in a minute; https://status.claude.com  or  https://azure.status.microsoft  shows more',
  },
  'cloud-key-refused': {
    meaning: 'the cloud does not accept the key',
    causes: 'It was deleted or disabled, belongs to another resource, or was only partly copied.',
    fix: 'claude-routing-install secrets set ANTHROPIC_DIRECT_KEY   or  AZURE_API_KEY',
  },
  'cloud-model-missing': {
    meaning: 'the cloud does not have a model that was asked for',
    causes: 'It was retired, or the account has no access to it.',
    fix: 'claude-routing-install --ask   lists what there is',
  },
  'cloud-permission-missing': {
    meaning: 'the key is known but may not do this',
    causes: 'Its workspace or role does not allow it, or the country is not served.',
    fix: 'https://platform.claude.com/settings/keys   on Azure give the account the role "Foundry User"',
  },
  'cloud-rate-limit': {
    meaning: 'the account has used up its quota for this minute or day',
    causes: 'Many requests at once, or a small quota.',
    fix: 'wait a minute; limits are shown at https://platform.claude.com/settings/limits, quotas in the Azure portal',
  },
  'cloud-refused-request': {
    meaning: 'the cloud refused a request for another reason',
    causes: 'What it says itself; often something that only a newer version of this program sends correctly.',
    fix: 'npx claude-routing-install@latest doctor',
  },
  'context-window-small': {
    meaning: 'the model is loaded with a smaller context window than Claude Code needs',
    causes: 'It was loaded on demand with the server’s own default window.',
    fix: 'claude-routing-install doctor --only model   says what to type on that machine',
  },
  'context-window-unknown': {
    meaning: 'the server does not say how large the context window is',
    causes: 'Not every server says it; Ollama does while the model is loaded.',
    fix: 'look it up there and set it:  --set localModel.contextWindow=65536',
  },
  'foundry-deployment-missing': {
    meaning: 'the Foundry resource has no deployment of that name',
    causes: 'The model’s name was typed instead of the deployment’s, or it is new.',
    fix: 'copy it from the portal (Build > Models); a new one takes up to five minutes',
  },
  'foundry-network-closed': {
    meaning: 'the Foundry resource accepts no connections from this network',
    causes: 'Its firewall allows other networks only.',
    fix: "in the Azure portal, under the resource's Networking, allow this network",
  },
  'foundry-not-claude': {
    meaning: 'the deployment is not a Claude model',
    causes: 'Other models have a different interface, and other resources have no Claude endpoint.',
    fix: 'deploy a Claude model, and name that deployment:  claude-routing-install --ask',
  },
  'foundry-resource-missing': {
    meaning: 'there is no Foundry resource of that name',
    causes: 'A misspelling, or this machine has no DNS.',
    fix: 'getent hosts RESOURCE.services.ai.azure.com   the name is the first part of its Target URI',
  },
  'local-memory-short': {
    meaning: 'the local model’s machine does not have enough memory',
    causes: 'Other models are loaded, or the model or its window is too large.',
    fix: 'on that machine unload the others, or load it with fewer tokens, never below 32768',
  },
  'local-model-missing': {
    meaning: 'the model server does not have the chosen model',
    causes: 'It was deleted or renamed there, or another server answers.',
    fix: 'claude-routing-install doctor --only model   lists what there is; or another one:  --set localModel.model=ID',
  },
  'local-model-not-loaded': {
    meaning: 'no model, or the wrong one, is loaded',
    causes: 'The server was restarted, or unloaded it after a while.',
    fix: 'claude-routing-install doctor --only model   says what to type on that machine',
  },
  'local-model-silent': {
    meaning: 'the local model did not answer, and another one did',
    causes: 'It is off, asleep or busy.',
    fix: 'claude-routing-install doctor --only local-server,model,container-network',
  },
  'local-server-fault': {
    meaning: 'the model server has an internal error',
    causes: 'What its log says.',
    fix: "look at the server's log; docs/local-model.md says where",
  },
  'local-server-too-old': {
    meaning: 'the model server is too old for what it is asked',
    causes: 'An LM Studio before 0.4.15, an Ollama before 0.14, a llama.cpp or vLLM from before 2026.',
    fix: 'update it on its machine',
  },
  'local-token-missing': {
    meaning: 'the model server wants an API token',
    causes: 'Authentication is on there, and no token is known here.',
    fix: 'claude-routing-install secrets set LM_STUDIO_API_KEY',
  },
  'local-token-refused': {
    meaning: 'the model server does not accept the API token',
    causes: 'It was revoked there, or copied in part.',
    fix: 'claude-routing-install secrets set LM_STUDIO_API_KEY',
  },
  'local-token-too-weak': {
    meaning: 'the API token may not do this',
    causes: 'It was made without the permission to load models.',
    fix: 'give it that permission on the server, or load the model by hand there',
  },
  'model-unfit': {
    meaning: 'the model makes no tool calls or gives incomplete answers, and Claude Code depends on both',
    causes: 'It was not trained for tools, or an old engine cuts its answers.',
    fix: 'choose a model that is trained for tool use:  claude-routing-install --ask',
  },
  'no-chat-model': {
    meaning: 'the model server has no model that can hold a conversation',
    causes: 'There are only embedding models, or none at all.',
    fix: 'claude-routing-install --ask   says how its server gets one',
  },
  'not-a-model-server': {
    meaning: 'what answers at the address is not a model server',
    causes: 'Another port, a gateway, a web page, or a redirect.',
    fix: 'look up its port; the usual ones are 1234 (LM Studio), 11434 (Ollama), 8080 (llama.cpp) and 8000 (vLLM)',
  },
  'queue-limit-high': {
    meaning: 'the gateway sends a local server more requests at once than it can answer',
    causes: 'localModel.parallel was chosen for a server that answered more at once.',
    fix: 'claude-routing-install --set localModel.parallel=NUMBER   or leave it out of the answers',
  },
  'request-too-large': {
    meaning: 'a request is larger than the cloud accepts',
    causes: 'A long conversation, or large files in it.',
    fix: 'in Claude Code:  /compact  or  /clear',
  },
  'system-message-refused': {
    meaning: 'the chat template of the model refuses a system message after the first turn',
    causes: 'The model was asked directly, not through the gateway, which merges such messages.',
    fix: 'claude-routing-install doctor --only hook   and ask through the gateway',
  },
  'sealed-conversation': {
    meaning: 'only the local model may answer a conversation with text from a sealed folder, and it cannot do so now',
    causes: 'The local model is not reachable, or the conversation is larger than its window.',
    fix: 'bring the local model back:  claude-routing-install doctor   or, in Claude Code, /compact; for other work start over with /clear',
  },
  'sealed-folder-not-read': {
    meaning: 'the gateway does not know the text of every sealed file',
    causes: 'Files that this account may not read, that are larger than 8 MB, or more than the gateway has memory for.',
    fix: 'claude-routing-install doctor --only sealed   names some; docs/routing.md says what is still known about them',
  },
  'wake-address-differs': {
    meaning: 'the network card at the local model’s address is not the one that the answers wake',
    causes: 'Another card or machine has the address now, or the MAC was copied from another card.',
    fix: 'claude-routing-install --set localModel.wake.mac=MAC   with the one that  ip neigh  shows for the address',
  },
  'wake-impossible': {
    meaning: 'the local model’s machine cannot be woken from here',
    causes: 'It is on another network, and routers do not pass wake-up packets on.',
    fix: 'put both machines on one network, or take localModel.wake out of the answers',
  },
  'wake-unit-off': {
    meaning: 'nothing sends the packet that wakes the local model’s machine',
    causes: 'claude-routing-wake.path was stopped, disabled or removed.',
    fix: 'claude-routing-install doctor --fix --only wake',
  },
} as const satisfies Record<string, Explanation>;
