import { sites as everySite } from '@weft/adapters'
import {
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
import { runnerProtocol } from '../../errors.ts'
import type { Caller, Scheduling } from '../caller.ts'
import type { Inference } from '../inference.ts'
import { guessTokens } from '../meter.ts'
import type { Support } from '../site-support.ts'
import { jsonCall, readAnswer } from './exchange.ts'
import { generateEvents } from './generate-events.ts'
import { expectOk, type Transport } from './transport.ts'

/** With whose it is, and how urgent. */
const of = <T extends object>({ tenant, tenantWeight, priority }: Partial<Caller> = {}, request: T): T & Pick<Caller, 'tenant' | keyof Scheduling> => ({
  ...request,
  ...(tenant === undefined ? {} : { tenant }),
  ...(tenantWeight === undefined ? {} : { tenantWeight }),
  ...(priority === undefined ? {} : { priority }),
})

const own: Support = { support: 'exact', why: "Weft's own runner" }
const notNamed: Support = { support: 'refused', why: 'the runner does not name this site among those that it serves' }

/** What labelling did cost, of a runner that does not tell. */
const guessedReading = ({ inputs }: RunnerClassifyRequest) => ({
  promptTokens: inputs.reduce((sum, input) => sum + guessTokens(typeof input === 'string' ? input.length : input.join(' ').length), 0),
  completionTokens: 0,
})

/** What scoring did cost, of a runner that does not tell: the tokens that it scored, and a prompt before each text. */
const guessedUsage = ({ prompt = '' }: ScoreRequest, results: ScoreResponse['results']) => ({
  promptTokens: results.reduce((sum, { tokens }) => sum + tokens + guessTokens(prompt.length), 0),
  completionTokens: 0,
})

/** Inference across HTTP. */
export const httpInference = (send: Transport): Inference => ({
  backend: 'weft',
  capabilities: ({ sites, spec: { tasks } }) => ({
    sites: Object.fromEntries(Object.keys(everySite).map((site) => [site, !sites || sites.includes(site) ? own : notNamed])),
    outputs: own,
    tasks,
  }),
  exceptions: () => [],

  async generate(request, caller) {
    const answer = await readAnswer(
      generateResponseSchema,
      await send(jsonCall('/generate', generateRequestSchema, of(caller, { ...request, stream: false }), caller)),
    )
    caller?.meter?.count(answer.usage, request.prompt)
    return answer
  },

  async stream(request, caller) {
    const response = await expectOk(await send(jsonCall('/generate', generateRequestSchema, of(caller, { ...request, stream: true }), caller)))
    if (!response.body) throw runnerProtocol('a stream without a body')
    const events = generateEvents(response.body)
    return caller?.meter?.counting(events, request.prompt) ?? events
  },

  async classify(request, caller) {
    const { results, usage } = await readAnswer(
      runnerClassifyResponseSchema,
      await send(jsonCall('/classify', runnerClassifyRequestSchema, of(caller, request), caller)),
    )
    caller?.meter?.count(usage ?? guessedReading(request))
    return results
  },

  async score(request, caller) {
    const { results, usage } = await readAnswer(scoreResponseSchema, await send(jsonCall('/score', scoreRequestSchema, of(caller, request), caller)))
    caller?.meter?.count(usage ?? guessedUsage(request, results))
    return results
  },

  async embed(request, caller) {
    const answer = await readAnswer(embedResponseSchema, await send(jsonCall('/embed', embedRequestSchema, of(caller, request), caller)))
    caller?.meter?.count(answer.usage)
    return answer
  },
})
