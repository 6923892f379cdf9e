import { limits, mapOf, modelSpecSchema, outputOperators } from '@weft/adapters'
import * as z from 'zod/mini'
import { functionNameSchema, functionsSchema, grammarSchema } from './inference/answer-form/grammar.ts'
import { askerFields } from './inference/asker.ts'
import { labelledSchema } from './inference/classify.ts'
import { messagesSchema } from './inference/messages.ts'
import { notInvokedSchema } from './inference/not-invoked.ts'
import { maxTokensSchema, penaltyFields, seedSchema, stopsSchema, topKSchema } from './inference/sampling.ts'
import { compositionKeySchema, modelFieldSchema, textSchema, tokensSchema, wordsSchema } from './inference/texts.ts'
import { chosenLogprobSchema, finishReasonSchema, usageSchema } from './inference/usage.ts'

/** Header of every request to a runner: milliseconds that its asker still waits. After them it is answered 504 `deadline_exceeded` and its work ends. */
export const deadlineHeader = 'x-weft-deadline-ms'

/** A base model a runner holds. */
export const heldModelSchema = z.object({
  name: z.string(),
  fingerprint: z.string(),
  architecture: z.string(),
  spec: modelSpecSchema,
  /** Sites at which adapters may act on it; every one when absent. */
  sites: z.optional(z.array(z.string())),
  /** Whether it has a chat template. */
  chat: z.optional(z.boolean()),
  /** Of a vLLM that loads adapters: the rank that low-rank terms may come to together, the ends of the names of modules that they may act on, where not all, and
   * whether a request that has none must name an adapter that does nothing. */
  lowRank: z.optional(z.object({ maxRank: z.int(), modules: z.optional(z.array(z.string())), adapterAlways: z.optional(z.boolean()) })),
})
export type HeldModel = z.infer<typeof heldModelSchema>

/** `GET /health` */
export const healthSchema = z.object({
  status: z.enum(['ok', 'starting', 'stopping']),
  /** When its process started, in milliseconds since 1970: another number is another process. */
  startedAtMs: z.optional(z.number()),
  device: z.object({ name: z.string(), reason: z.string() }),
  models: z.array(heldModelSchema),
  jobs: z.object({ running: z.int(), queued: z.int() }),
  /** Models that could not be loaded, and why. */
  failures: z.optional(z.array(z.object({ name: z.string(), message: z.string() }))),
})
export type Health = z.infer<typeof healthSchema>

const toldSchema = { code: z.string(), message: z.optional(z.string()) }

/** `GET /health` of the edge: it answers, and what it knows of its runner. Who shows no key gets what a probe needs: no messages, and of the runner its status alone. */
export const edgeHealthSchema = z.object({
  status: z.literal('ok'),
  /** Whether what is stored can be read. */
  database: z.optional(z.union([z.object({ ok: z.literal(true) }), z.object({ ok: z.literal(false), ...toldSchema })])),
  runner: z.union([
    z.extend(healthSchema, { reachable: z.literal(true) }),
    z.object({ reachable: z.literal(true), status: healthSchema.shape.status }),
    z.object({ reachable: z.literal(false), ...toldSchema }),
  ]),
})
export type EdgeHealth = z.infer<typeof edgeHealthSchema>

/** What a runner that answers says of itself; undefined where the edge does not tell it, or none answers. */
export const runnerOf = ({ runner }: EdgeHealth): Health | undefined => (runner.reachable && 'models' in runner ? runner : undefined)

const promptSchema = z.union([
  z.strictObject({ text: textSchema }),
  z.strictObject({
    messages: messagesSchema,
    tools: z.optional(functionsSchema),
    /** The answer is a call, of the function of this name where it is known: the prompt ends as a call begins, the answer are its arguments, or its JSON. */
    call: z.optional(z.strictObject({ name: z.optional(functionNameSchema) })),
  }),
  z.strictObject({ tokens: tokensSchema }),
])
export type Prompt = z.infer<typeof promptSchema>

/** Compositions whose answers are combined, each by its key: see `CanonicalOutputs`. `level`: K in nats; without it, what the operand says in the answer itself. */
const outputsSchema = z.strictObject({
  operator: z.enum(outputOperators),
  operands: z
    .array(
      z.strictObject({
        composition: compositionKeySchema,
        weight: z.number().check(z.gte(-1e6), z.lte(1e6)),
        level: z.optional(z.number().check(z.gt(0), z.lte(1e6))),
      }),
    )
    .check(z.minLength(1), z.maxLength(limits.operands)),
})
export type WireOutputs = z.infer<typeof outputsSchema>

/** Texts of one request. */
const MOST_TEXTS = 2048

/** `POST /generate`. Requests to a runner are read strictly: what an older one does not know of a newer edge's is refused, and not left out of account. */
export const generateRequestSchema = z.strictObject({
  model: modelFieldSchema,
  /** A composition's key, several that meet at the output, or null for the base model. */
  composition: z.nullable(z.union([compositionKeySchema, outputsSchema])),
  prompt: promptSchema,
  ...askerFields,
  /** To the end of the context when absent. */
  maxTokens: z.optional(maxTokensSchema),
  temperature: z._default(z.number().check(z.gte(0), z.lte(100)), 1),
  topP: z._default(z.number().check(z.gte(0), z.lte(1)), 1),
  topK: z._default(topKSchema, 0),
  ...penaltyFields,
  stop: z._default(stopsSchema, []),
  seed: z.optional(seedSchema),
  /** What the answer must be. Absent: any text. */
  grammar: z.optional(grammarSchema),
  /** Functions that the prompt does not tell of and the answer does not call: their schemas are looked at all the same. */
  untoldFunctions: z.optional(functionsSchema),
  /** Likeliest tokens to report beside each chosen one; absent: no log-probabilities. */
  logprobs: z.optional(z.int().check(z.gte(0), z.lte(20))),
  stream: z._default(z.boolean(), false),
})
export type GenerateRequest = z.infer<typeof generateRequestSchema>
export type GenerateInput = z.input<typeof generateRequestSchema>

export const generateResponseSchema = z.object({
  text: z.string(),
  tokens: z.array(z.int()),
  logprobs: z.optional(z.array(chosenLogprobSchema)),
  finishReason: finishReasonSchema,
  usage: usageSchema,
  notInvoked: notInvokedSchema,
})
export type GenerateResponse = z.infer<typeof generateResponseSchema>

/** Server-sent events of a streamed generation: tokens, then one end. A failure in mid-stream is an `error` event. */
const generateTokenSchema = z.object({ token: z.int(), text: z.string(), logprob: z.optional(chosenLogprobSchema) })
export type GenerateToken = z.infer<typeof generateTokenSchema>
const generateEndSchema = z.object({ finishReason: finishReasonSchema, usage: usageSchema, notInvoked: notInvokedSchema })
export type GenerateEnd = z.infer<typeof generateEndSchema>
export const generateEventSchema = z.union([generateTokenSchema, generateEndSchema])
export type GenerateEvent = z.infer<typeof generateEventSchema>

/** `POST /classify` */
export const runnerClassifyRequestSchema = z.strictObject({
  model: modelFieldSchema,
  composition: z.nullable(compositionKeySchema),
  /** Texts, or texts that are split into words already. */
  inputs: z.array(z.union([textSchema, wordsSchema])).check(z.minLength(1), z.maxLength(MOST_TEXTS)),
  /** Whether what is longer than the context is cut; an error otherwise. */
  truncate: z._default(z.boolean(), false),
  ...askerFields,
})
export type RunnerClassifyRequest = z.input<typeof runnerClassifyRequestSchema>
export const runnerClassifyResponseSchema = z.object({
  results: z.array(labelledSchema),
  usage: z.optional(usageSchema),
})
export type RunnerClassifyResponse = z.infer<typeof runnerClassifyResponseSchema>

/** A token that was read, not chosen: null where nothing stands before it that predicts it. */
const readLogprobSchema = z.extend(chosenLogprobSchema, { logprob: z.nullable(z.number()) })
export type ReadLogprob = z.infer<typeof readLogprobSchema>

/** `POST /score`: log-probability of texts, each after the same optional prompt. */
export const scoreRequestSchema = z.strictObject({
  model: modelFieldSchema,
  composition: z.nullable(z.union([compositionKeySchema, outputsSchema])),
  /** Texts, or tokens as they are, before which nothing is put. */
  texts: z.array(z.union([textSchema, tokensSchema])).check(z.minLength(1), z.maxLength(MOST_TEXTS)),
  prompt: z.optional(textSchema),
  /** The texts are answers to choose from: where the tokens of one begin another's, the end of the answer counts with each. */
  answers: z.optional(z.boolean()),
  tokenLogprobs: z.optional(z.boolean()),
  /** Likeliest tokens to report beside each token read; absent: no tokens are told. */
  logprobs: z.optional(z.int().check(z.gte(0), z.lte(20))),
  /** Tokens that each further window scores, of a text longer than the context; half a window when absent. */
  stride: z.optional(z.int().check(z.gte(1), z.lte(1_000_000))),
  ...askerFields,
})
export type ScoreRequest = z.infer<typeof scoreRequestSchema>
export const scoreResponseSchema = z.object({
  results: z.array(
    z.object({
      /** Tokens scored. */
      tokens: z.int(),
      /** Sum over them, natural logarithm. */
      logprob: z.number(),
      perplexity: z.number(),
      tokenLogprobs: z.optional(z.array(z.number())),
      /** Every token of the text, those not scored included. */
      logprobs: z.optional(z.array(readLogprobSchema)),
      /** Of a text longer than the context: how many windows of how many of its tokens, each scoring `stride` further ones. */
      windows: z.optional(z.object({ count: z.int(), tokens: z.int(), stride: z.int() })),
    }),
  ),
  /** Tokens read: each text's, with the prompt before it. Runners of before it was told leave it out. */
  usage: z.optional(usageSchema),
})
export type ScoreResponse = z.infer<typeof scoreResponseSchema>

const runnerJobStatusSchema = z.enum(['queued', 'running', 'succeeded', 'failed', 'cancelled'])
export type RunnerJobStatus = z.infer<typeof runnerJobStatusSchema>

/** What an event has to tell in numbers. */
export const eventDataSchema = z.looseObject({ metrics: z.optional(mapOf(z.number())) })

const runnerEventSchema = z.object({
  /** Counts from 1 within one submission. */
  seq: z.int(),
  level: z.enum(['info', 'warn', 'error']),
  type: z.enum(['message', 'metrics']),
  message: z.string(),
  data: z.optional(eventDataSchema),
  /** Seconds since 1970. */
  createdAt: z.int(),
})
export type RunnerEvent = z.infer<typeof runnerEventSchema>

/** `GET /jobs/:id?after=<seq>` */
export const runnerJobSchema = z.object({
  id: z.string(),
  status: runnerJobStatusSchema,
  step: z.int(),
  totalSteps: z.int(),
  loss: z.nullable(z.number()),
  evalLoss: z.nullable(z.number()),
  etaS: z.nullable(z.number()),
  /** Step of the newest checkpoint; null when there is none. */
  checkpointStep: z.nullable(z.int()),
  /** Seconds since it last told of anything, by the runner's clock; null unless it runs. One that grows while it runs is a hang. */
  sinceProgressS: z.optional(z.nullable(z.number())),
  trainedTokens: z.optional(z.int()),
  error: z.optional(z.object({ code: z.string(), message: z.string(), param: z.optional(z.nullable(z.string())) })),
  events: z.array(runnerEventSchema),
})
export type RunnerJob = z.infer<typeof runnerJobSchema>
