import * as z from 'zod/mini'

const bounded = (low: number, high: number) => z.number().check(z.gte(low), z.lte(high))

/** How tokens are chosen; fields shared by completions, chat and the runner. Temperature 0 is greedy. */
export const samplingFields = {
  maxTokens: z.optional(z.nullable(z.int().check(z.gte(1)))),
  temperature: z.optional(z.nullable(bounded(0, 2))),
  topP: z.optional(z.nullable(z.number().check(z.gt(0), z.lte(1)))),
  /** 0 keeps every token. */
  topK: z.optional(z.nullable(z.int().check(z.gte(0)))),
  stop: z.optional(z.nullable(z.union([z.string(), z.array(z.string()).check(z.maxLength(16))]))),
  seed: z.optional(z.nullable(z.int())),
}

/** What a streamed answer carries besides its tokens. Chunks are never padded, whatever `includeObfuscation` might ask for. */
export const streamOptionsSchema = z.strictObject({
  includeUsage: z.optional(z.nullable(z.boolean())),
  includeObfuscation: z.optional(z.nullable(z.literal(false))),
})
