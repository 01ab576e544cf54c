/** Efforts that a request may name, weakest first. */
const EFFORTS = ['low', 'medium', 'high', 'xhigh', 'max'] as const;

/** What one Claude model takes and refuses. Ids and rules as of November 2026. */
export interface ClaudeModel {
  readonly id: string;
  readonly displayName: string;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly maxInputTokens: number;
  readonly maxTokens: number;
  /** `thinking: {type: "adaptive"}` is taken. */
  readonly adaptive: boolean;
  /** `thinking: {type: "enabled", budget_tokens}` is taken. */
  readonly budget: boolean;
  /** Efforts taken in `output_config`; empty: the field itself is refused. */
  readonly efforts: readonly string[];
  /** `role: "system"` is taken inside `messages`. */
  readonly systemTurns: boolean;
}

const NEWEST = { adaptive: true, budget: false, efforts: EFFORTS, systemTurns: true } as const;

/** The account's models, newest first. */
export function usualClaudeModels(): ClaudeModel[] {
  return [
    { ...sized('claude-haiku-5-5', 'Claude Haiku 5.5', '2026-10-14', 400_000, 64_000), ...NEWEST },
    { ...sized('claude-fable-5-2', 'Claude Fable 5.2', '2026-10-06', 1_000_000, 128_000), ...NEWEST },
    { ...sized('claude-sonnet-5-5', 'Claude Sonnet 5.5', '2026-09-28', 1_000_000, 128_000), ...NEWEST },
    { ...sized('claude-opus-5-5', 'Claude Opus 5.5', '2026-09-21', 1_000_000, 128_000), ...NEWEST },
    { ...sized('claude-sonnet-5', 'Claude Sonnet 5', '2026-07-09', 1_000_000, 128_000), ...NEWEST },
    { ...sized('claude-opus-5', 'Claude Opus 5', '2026-07-02', 1_000_000, 128_000), ...NEWEST },
    { ...sized('claude-opus-4-8', 'Claude Opus 4.8', '2026-05-28', 1_000_000, 128_000), ...NEWEST },
    {
      ...sized('claude-sonnet-4-6', 'Claude Sonnet 4.6', '2026-02-17', 1_000_000, 64_000),
      adaptive: true,
      budget: true,
      efforts: ['low', 'medium', 'high', 'max'],
      systemTurns: false,
    },
    {
      ...sized('claude-haiku-4-5-20251001', 'Claude Haiku 4.5', '2025-10-01', 200_000, 64_000),
      adaptive: false,
      budget: true,
      efforts: [],
      systemTurns: false,
    },
  ];
}

function sized(id: string, displayName: string, day: string, maxInputTokens: number, maxTokens: number) {
  return { id, displayName, createdAt: `${day}T00:00:00Z`, maxInputTokens, maxTokens };
}

/** The model with this id, or the dated one whose id goes on after it (`claude-haiku-4-5`). */
export function findClaudeModel(models: readonly ClaudeModel[], id: string): ClaudeModel | undefined {
  const dated = (model: ClaudeModel): boolean =>
    model.id.startsWith(`${id}-`) && /^\d{8}$/.test(model.id.slice(id.length + 1));
  return models.find((model) => model.id === id) ?? models.find(dated);
}

/** One row of `GET /v1/models`. */
export function listedClaudeModel(model: ClaudeModel): object {
  const thinks = model.adaptive || model.budget;
  return {
    type: 'model',
    id: model.id,
    display_name: model.displayName,
    created_at: model.createdAt,
    max_input_tokens: model.maxInputTokens,
    max_tokens: model.maxTokens,
    capabilities: {
      batch: { supported: true },
      citations: { supported: true },
      effort: {
        supported: model.efforts.length > 0,
        ...Object.fromEntries(EFFORTS.map((effort) => [effort, { supported: model.efforts.includes(effort) }])),
      },
      image_input: { supported: true },
      pdf_input: { supported: true },
      structured_outputs: { supported: true },
      thinking: {
        supported: thinks,
        types: { adaptive: { supported: model.adaptive }, enabled: { supported: model.budget } },
      },
    },
  };
}
