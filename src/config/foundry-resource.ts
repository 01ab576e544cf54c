import { failure, type Result, success } from '../problem.ts';

const example =
  'Type the name of the resource, e.g. my-resource, or its address https://my-resource.services.ai.azure.com.';
/** Hosts of one and the same resource: each is NAME followed by one of these. */
const resourceHost =
  /^([a-z0-9-]+)\.(?:services\.ai\.azure\.com|openai\.azure\.com|cognitiveservices\.azure\.com)\.?$/i;
const armId = /\/accounts\/([^/?#]+)/i;

type Parsed = Result<string, string>;

/** Why what was typed does not name a Foundry resource; undefined if it does. Never repeats what looks like a key. */
export function resourceProblem(typed: string): string | undefined {
  const parsed = parse(typed);
  return parsed.ok ? undefined : parsed.problem;
}

/** The bare resource name for a name, any of its addresses, or its long resource ID. Throws on what `resourceProblem` refuses. */
export function normaliseResource(typed: string): string {
  const parsed = parse(typed);
  if (!parsed.ok) throw new Error(parsed.problem);
  return parsed.value;
}

/**
 * Where a resource serves Claude, without trailing slash; `/v1/messages` follows.
 * Source: Microsoft's page "Deploy and use Claude models in Microsoft Foundry".
 */
export function foundryBaseUrl(resource: string): string {
  return `https://${resource}.services.ai.azure.com/anthropic`;
}

function parse(typed: string): Parsed {
  const text = typed
    .normalize('NFKC')
    .trim()
    .replace(/^["'`<]+|["'`>,;]+$/g, '');
  if (text === '') return failure(`No resource was given. ${example}`);
  if (/[\s\x00-\x1f\x7f]/.test(text)) return failure(`One resource at a time, without spaces inside. ${example}`);
  if (/\/subscriptions\//i.test(text)) return fromArmId(text);
  if (/[/:.]/.test(text)) return fromAddress(text);
  return checked(text);
}

/** The portal shows `/subscriptions/…/providers/Microsoft.CognitiveServices/accounts/NAME[/projects/…]`. */
function fromArmId(text: string): Parsed {
  const name = armId.exec(text)?.[1];
  if (name !== undefined) return checked(name);
  return failure(`This resource ID has no /accounts/NAME in it, so it is not the ID of a Foundry resource. ${example}`);
}

function fromAddress(text: string): Parsed {
  const withoutScheme = text.replace(/^(https?:)?\/+/i, '');
  const host = withoutScheme.split(/[/?#:]/)[0] ?? '';
  const name = resourceHost.exec(host)?.[1];
  if (name !== undefined) return checked(name);
  if (/@/.test(host)) return failure(`Leave the name and password before the @ out of the address. ${example}`);
  return failure(
    `${host === '' ? 'This' : host} is not the address of a Foundry resource: those end in .services.ai.azure.com. ${example}`,
  );
}

/** Azure's rule for the name that becomes a host: 2 to 64 letters, digits and hyphens. */
function checked(name: string): Parsed {
  if (/^[A-Za-z0-9]{80,}$|^(sk-|eyJ)/.test(name) || /^[0-9a-f]{32}$/i.test(name))
    return failure(`This looks like a key, not like the name of a resource. ${example}`);
  if (/^[a-z0-9][a-z0-9-]{0,62}[a-z0-9]$/i.test(name)) return success(name.toLowerCase());
  return failure(`A resource name has 2 to 64 letters, digits and hyphens. ${example}`);
}
