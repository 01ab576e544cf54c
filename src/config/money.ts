import * as z from 'zod';

/** Something for each family of Claude that is wanted. */
export function byFamily<Of extends z.ZodType>(of: Of) {
  return z.strictObject({ opus: of.optional(), sonnet: of.optional(), haiku: of.optional(), fable: of.optional() });
}

/** What becomes of a request to a cloud once a ceiling is reached. */
export const atCeilings = ['refuse', 'local'] as const;

/** Percent of a ceiling from which launchers and `status` mention it. */
export const nearlySpent = 80;

const most = z.number().positive();

/** The most that the clouds may cost. */
export const spending = z
  .strictObject({
    perDay: most
      .optional()
      .describe(
        'the most US dollars that the clouds may cost in a day by this machine’s clock; no ceiling when absent',
      ),
    perMonth: most.optional().describe('the same for a calendar month'),
    atCeiling: z
      .enum(atCeilings)
      .default('refuse')
      .describe(
        'what then happens to a request for a cloud’s model: refuse tells the client so, local lets the local model answer',
      ),
  })
  .prefault({});

const dollars = z.number().min(0);
/** US dollars for a million tokens. */
const prices = z.strictObject({ input: dollars, output: dollars, cacheRead: dollars, cacheWrite: dollars });

/** A person's own prices, by family of the model. */
export const ownPrices = byFamily(prices)
  .optional()
  .describe(
    'your own prices for a deployment, in US dollars per million tokens: input, output, cacheRead, cacheWrite; those of LiteLLM’s list when absent',
  );
