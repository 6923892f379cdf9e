import * as z from 'zod/mini'

const bounded = (low: number, high: number) => z.number().check(z.gte(low), z.lte(high))

/** Most tokens that one request biases, as OpenAI bounds it. */
const MOST_BIASES = 1024

/** What changes logits before a token is drawn, and the share of the likeliest token below which none is drawn. */
export const penaltyFields = {
  minP: z.optional(z.nullable(bounded(0, 1))),
  presencePenalty: z.optional(z.nullable(bounded(-2, 2))),
  frequencyPenalty: z.optional(z.nullable(bounded(-2, 2))),
  /** 1 is neutral. */
  repetitionPenalty: z.optional(z.nullable(z.number().check(z.gt(0), z.lte(10)))),
  /** By token id; −100 bans a token, 100 forces it. */
  logitBias: z.optional(
    z.nullable(
      z
        .record(z.string().check(z.regex(/^(0|[1-9]\d*)$/, 'expected a token id')), bounded(-100, 100))
        .check(z.refine((biases) => Object.keys(biases).length <= MOST_BIASES, `at most ${MOST_BIASES} tokens can be biased`)),
    ),
  ),
}

/** More than a context has room for is as good as its room. */
export const maxTokensSchema = z.int().check(z.gte(1), z.lte(2 ** 31 - 1))
export const topKSchema = z.int().check(z.gte(0), z.lte(1_000_000))
/** Any whole number that JSON can tell from its neighbours. */
export const seedSchema = z.int().check(z.gte(Number.MIN_SAFE_INTEGER), z.lte(Number.MAX_SAFE_INTEGER))
/** Every stop string is looked for after every token. */
const stopTextSchema = z.string().check(z.minLength(1, 'an empty text would stop before the first token; leave it out'), z.maxLength(1000))
export const stopsSchema = z.array(stopTextSchema).check(z.maxLength(16))

/** How tokens are chosen; fields shared by completions, chat and the runner. Temperature 0 is greedy. */
export const samplingFields = {
  maxTokens: z.optional(z.nullable(maxTokensSchema)),
  temperature: z.optional(z.nullable(bounded(0, 2))),
  /** 0 keeps the likeliest token alone. */
  topP: z.optional(z.nullable(bounded(0, 1))),
  /** 0 keeps every token. */
  topK: z.optional(z.nullable(topKSchema)),
  stop: z.optional(z.nullable(z.union([stopTextSchema, stopsSchema]))),
  seed: z.optional(z.nullable(seedSchema)),
  ...penaltyFields,
}

/** Answers to one prompt, as OpenAI bounds them: each is a row of its own at the runner. */
const choicesSchema = z.int().check(z.gte(1), z.lte(128))

/** How many answers to give, and how many to choose them from. */
export const choiceFields = {
  n: z.optional(z.nullable(choicesSchema)),
  bestOf: z.optional(z.nullable(choicesSchema)),
}

/** What a streamed answer carries besides its tokens. Chunks are never padded, whatever `includeObfuscation` might ask for. */
export const streamOptionsSchema = z.strictObject({
  includeUsage: z.optional(z.nullable(z.boolean())),
  includeObfuscation: z.optional(z.nullable(z.literal(false))),
})
