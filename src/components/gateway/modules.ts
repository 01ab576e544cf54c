import texts from '../../../templates/gateway?texts';
import type { Layout } from '../../layout.ts';
import type { ResourceId } from '../../resources/resource.ts';

/** A Python module of ours that runs inside the gateway; it can import the others by their names. */
export interface GatewayModule {
  /** What its resource is called. */
  readonly id: ResourceId;
  readonly title: string;
  /** Its file's name, on the machine below the gateway's folder and in the container. */
  readonly file: string;
  readonly text: string;
}

/** Where Python looks first in the container, and where it finds what it loads by itself at its start. */
export const startUpFolder = '/app/startup';
const startUp = 'sitecustomize.py';

/** Only a drill brings it. */
const faultServer = 'drill_faults.py';

/** What LiteLLM loads by its configuration, in this order: what does not go to the local model is not made fit for it. */
const callbacks = ['routing_guard', 'cloud_failover', 'local_compat', 'cloud_errors', 'request_log'];

/** Every module of the gateway: what is written, mounted, hashed, compared and taken off again follows from this list. */
export const gatewayModules: readonly GatewayModule[] = Object.entries(texts)
  .filter(([file]) => file !== faultServer)
  .map(([file, text]) => ({ id: gatewayModuleId(file), title: `gateway's ${file}`, file, text }));

/** The id of a module among the gateway's resources. */
export function gatewayModuleId(file: string): ResourceId {
  return `gateway-module:${file}`;
}

/** Where a module is on the machine. */
export function modulePath({ gatewayDir }: Pick<Layout, 'gatewayDir'>, { file }: GatewayModule): string {
  return `${gatewayDir}/${file}`;
}

/** Where the container has a module: the callbacks beside the configuration, as LiteLLM looks for them. */
export function mountedAt({ file }: GatewayModule): string {
  return `${file === startUp ? startUpFolder : '/app'}/${file}`;
}

/** How LiteLLM's configuration names the callbacks. */
export const callbackNames: readonly string[] = callbacks.map((name) => `${name}.proxy_handler_instance`);
