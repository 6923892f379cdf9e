import { sites as everySite } from '@weft/adapters'
import {
  type EmbedRequest,
  embedRequestSchema,
  embedResponseSchema,
  generateRequestSchema,
  generateResponseSchema,
  type RunnerClassifyRequest,
  runnerClassifyRequestSchema,
  runnerClassifyResponseSchema,
  type ScoreRequest,
  type ScoreResponse,
  scoreRequestSchema,
  scoreResponseSchema,
} from '@weft/protocol'
import type { $ZodType, output } from 'zod/v4/core'
import { runnerProtocol } from '../../errors.ts'
import type { Caller, Scheduling } from '../caller.ts'
import type { Inference } from '../inference.ts'
import { guessTokens, type Meter } from '../meter.ts'
import type { Support } from '../site-support.ts'
import { jsonCall, readAnswer } from './exchange.ts'
import { generateEvents } from './generate-events.ts'
import { type Call, expectOk, type Transport } from './transport.ts'

/** With whose it is, and how urgent. */
const of = <T extends object>({ tenant, tenantWeight, priority }: Partial<Caller> = {}, request: T): T & Pick<Caller, 'tenant' | keyof Scheduling> => ({
  ...request,
  ...(tenant === undefined ? {} : { tenant }),
  ...(tenantWeight === undefined ? {} : { tenantWeight }),
  ...(priority === undefined ? {} : { priority }),
})

const own: Support = { support: 'exact', why: "Weft's own runner" }
const notNamed: Support = { support: 'refused', why: 'the runner does not name this site among those that it serves' }

/** Tokens of a text, of a text that is split into words, or of tokens. */
const guessedOf = (text: string | readonly (string | number)[]): number =>
  typeof text === 'string' ? guessTokens(text.length) : typeof text[0] === 'number' ? text.length : guessTokens(text.join(' ').length)

const guessedOfAll = (texts: EmbedRequest['inputs'] | RunnerClassifyRequest['inputs']): number => texts.reduce((sum: number, text) => sum + guessedOf(text), 0)

/** What scoring reads: its texts, and the prompt before each. */
const guessedScoring = ({ prompt = '', texts }: ScoreRequest): number => guessedOfAll(texts) + texts.length * guessTokens(prompt.length)

/** What scoring did cost, of a runner that does not tell: the tokens that it scored, and a prompt before each text. */
const guessedUsage = ({ prompt = '' }: ScoreRequest, results: ScoreResponse['results']) => ({
  promptTokens: results.reduce((sum, { tokens }) => sum + tokens + guessTokens(prompt.length), 0),
  completionTokens: 0,
})

const asRead = (promptTokens: number) => ({ promptTokens, completionTokens: 0 })

/** The same answer, counted where somebody counts. */
const counted = <T>(caller: Caller | undefined, answer: Promise<T>, how: Parameters<typeof Meter.prototype.whole<T>>[1]): Promise<T> =>
  caller?.meter?.whole(answer, how) ?? answer

/** Inference across HTTP. */
export const httpInference = (send: Transport): Inference => {
  const answered = async <S extends $ZodType>(schema: S, call: Call): Promise<output<S>> => readAnswer(schema, await send(call))

  return {
    backend: 'weft',
    capabilities: ({ sites, spec: { tasks } }) => ({
      sites: Object.fromEntries(Object.keys(everySite).map((site) => [site, !sites || sites.includes(site) ? own : notNamed])),
      outputs: own,
      tasks,
    }),
    exceptions: () => [],

    generate: (request, caller) =>
      counted(caller, answered(generateResponseSchema, jsonCall('/generate', generateRequestSchema, of(caller, { ...request, stream: false }), caller)), {
        guess: guessTokens(JSON.stringify(request.prompt).length),
        usageOf: ({ usage }) => usage,
        prompt: request.prompt,
      }),

    async stream(request, caller) {
      const response = await expectOk(await send(jsonCall('/generate', generateRequestSchema, of(caller, { ...request, stream: true }), caller)))
      if (!response.body) throw runnerProtocol('a stream without a body')
      const events = generateEvents(response.body)
      return caller?.meter?.counting(events, request.prompt) ?? events
    },

    async classify(request, caller) {
      const answer = answered(runnerClassifyResponseSchema, jsonCall('/classify', runnerClassifyRequestSchema, of(caller, request), caller))
      const guess = guessedOfAll(request.inputs)
      return (await counted(caller, answer, { guess, usageOf: ({ usage }) => usage ?? asRead(guess) })).results
    },

    async score(request, caller) {
      const answer = answered(scoreResponseSchema, jsonCall('/score', scoreRequestSchema, of(caller, request), caller))
      const guess = guessedScoring(request)
      return (await counted(caller, answer, { guess, usageOf: ({ usage, results }) => usage ?? guessedUsage(request, results) })).results
    },

    embed: (request, caller) =>
      counted(caller, answered(embedResponseSchema, jsonCall('/embed', embedRequestSchema, of(caller, request), caller)), {
        guess: guessedOfAll(request.inputs),
        usageOf: ({ usage }) => usage,
      }),
  }
}
