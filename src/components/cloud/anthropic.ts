import * as z from 'zod';
import { cloudModelIdProblem } from '../../config/model-id.ts';
import type { ModelFamily } from '../../config/schema.ts';
import type { HttpReply, Probe } from '../../host/host.ts';
import type { Secret } from '../../host/secret.ts';
import { listOf, readBody } from '../../http/reply-body.ts';
import { failure, type Result, success } from '../../problem.ts';
import { given } from '../../text/json.ts';
import { anthropicProblem } from './anthropic-errors.ts';

/** A model that the account may use. */
export interface CloudModel {
  readonly id: string;
  /** Absent for a family that Claude Code has no alias for. */
  readonly family?: ModelFamily;
  /** `[4, 6]` for claude-sonnet-4-6; empty when the id has no number. */
  readonly version: readonly number[];
  /** ISO 8601; empty when the list does not tell. */
  readonly createdAt: string;
}

/** An id for each family that has one. */
export type Models = Readonly<Partial<Record<ModelFamily, string>>>;

const anthropicUrl = 'https://api.anthropic.com';
/** Sent with every request of the Messages API. */
export const anthropicVersion = '2023-06-01';
const timeoutMs = 15_000;
/** Pages of a thousand models each; nobody has more pages than this. */
const mostPages = 10;

const listed = z.object({ id: z.string().min(1), created_at: z.string().catch('') });
const page = z.object({
  data: listOf(listed),
  has_more: z.boolean().catch(false),
  last_id: z.string().nullish().catch(undefined),
});

/** The models of a key whose ids can be names at the gateway, newest first as the API lists them. Free of charge: it proves the key, not the credit behind it. */
export async function listModels(
  probe: Pick<Probe, 'http'>,
  key: Secret,
  baseUrl = anthropicUrl,
): Promise<Result<readonly CloudModel[]>> {
  const models: CloudModel[] = [];
  let after = '';
  for (let pages = 0; pages < mostPages; pages += 1) {
    const reply = await getPage(probe, key, baseUrl, after);
    const read = reply.reached ? readBody(page, reply.body) : undefined;
    if (read === undefined) return failure(anthropicProblem(reply, baseUrl, key));
    models.push(...read.data.filter(({ id }) => cloudModelIdProblem(id) === undefined).map(cloudModel));
    if (!read.has_more || !read.last_id || read.last_id === after) break;
    after = read.last_id;
  }
  return success(models);
}

function getPage(probe: Pick<Probe, 'http'>, key: Secret, baseUrl: string, after: string): Promise<HttpReply> {
  const next = after === '' ? '' : `&after_id=${encodeURIComponent(after)}`;
  return probe.http({
    url: `${baseUrl}/v1/models?limit=1000${next}`,
    headers: { 'x-api-key': key, 'anthropic-version': anthropicVersion },
    timeoutMs,
  });
}

function cloudModel(model: z.infer<typeof listed>): CloudModel {
  const family = familyOf(model.id);
  return { id: model.id, version: versionOf(model.id), createdAt: model.created_at, ...given({ family }) };
}

/** The family in a Claude id, also in one with something before or after it, such as a deployment's name. */
export function familyOf(id: string): ModelFamily | undefined {
  return /(?:^|[^a-z])(opus|sonnet|haiku|fable)(?![a-z])/i.exec(id)?.[1]?.toLowerCase() as ModelFamily | undefined;
}

/** Whether a listed model is the chosen one: an id without its date means the dated one. */
export function isSameModel(listed: string, chosen: string): boolean {
  return listed === chosen || listed.replace(/-\d{8}$/, '') === chosen;
}

/** The version in an id, without its date: [4, 5] for claude-haiku-4-5-20251001, [3, 7] for claude-3-7-sonnet-20250219. */
export function versionOf(id: string): readonly number[] {
  return [...id.matchAll(/(?<=-)(\d{1,3})(?=-|\.|@|$)|(?<=\d\.)(\d{1,3})(?=-|@|$)/g)].map((match) => Number(match[0]));
}

/** Proposes the newest model of each family; the foreground is Sonnet. */
export function proposeModels(models: readonly CloudModel[]): Models {
  const newestFirst = [...models].sort(newerFirst);
  const newest = (family: ModelFamily): string | undefined => newestFirst.find((model) => model.family === family)?.id;
  return given({ opus: newest('opus'), sonnet: newest('sonnet'), haiku: newest('haiku'), fable: newest('fable') });
}

function newerFirst(a: CloudModel, b: CloudModel): number {
  const places = Math.max(a.version.length, b.version.length);
  for (let place = 0; place < places; place += 1) {
    const difference = (b.version[place] ?? 0) - (a.version[place] ?? 0);
    if (difference !== 0) return difference;
  }
  return b.createdAt.localeCompare(a.createdAt) || a.id.length - b.id.length;
}
