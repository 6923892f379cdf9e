import { type AdapterState, Random } from '@weft/adapters'
import type { Asked, Engine, Named } from '@weft/inference/engine'
import type { GenerateOptions } from '@weft/inference/generation/generate'
import type { LoadedModel } from '@weft/model'
import type { Grammar } from '@weft/protocol'
import { randomTensor } from '../../models/tiny-llama.ts'
import { composedOf } from './composed.ts'
import { branch, factors, lowRank, waiting } from './in-layers.ts'

/** A generation, and after how many tokens its asker leaves. */
export interface RandomRequest {
  asked: Asked
  options: GenerateOptions
  leavesAfter?: number
  /** Steps of the event loop before it arrives, after the one before it. */
  pause: number
}

/** One composition of every site, of several together, with strengths, and of none. */
const expressions = [
  'rows',
  'prefix',
  'other-prefix',
  'lora',
  'wide',
  'ia3',
  'gated',
  '0.5*prefix',
  '2*lora',
  'prefix + other-prefix',
  'rows + lora',
  'gated + ia3',
  'prefix + rows + lora + "the boat" + ia3 + gated',
  '0.5*lora + 0.5*wide',
  'check',
  'check + 0.5*answer',
  'lora + check',
  'prefix + rows + answer',
]

/** What of an expression acts before an invocation; null for the base model. */
const dormant: Readonly<Record<string, string | null>> = {
  check: null,
  'check + 0.5*answer': null,
  'lora + check': 'lora',
  'prefix + rows + answer': 'prefix + rows',
}

const grammars: readonly Grammar[] = [
  { type: 'choice', choice: ['yes', 'no', 'perhaps not today'] },
  { type: 'regex', regex: '[a-c]{2,6}( [0-9]{1,3})?' },
  {
    type: 'json_schema',
    schema: { type: 'object', properties: { a: { type: 'integer' }, b: { enum: ['x', 'yy'] } }, required: ['a', 'b'], additionalProperties: false },
  },
]

const sentences = ['the weft is drawn in the warp ', 'a thread in the air and another one there, ', 'System: answer in one word. ', 'User: who stands still? ']

/** Compositions over random adapters of a decoder. */
export async function compositionsOf(model: LoadedModel): Promise<NonNullable<Named>[]> {
  const { spec } = model
  const { hiddenSize, numLayers, numKeyValueHeads, headDim } = spec
  const tokensOf = (text: string): number[] => model.tokenizer!.encode(text, { addSpecialTokens: false })
  const prefix = (length: number, seed: string): AdapterState => ({
    keyValue: { prefix: randomTensor([numLayers, 2, numKeyValueHeads, length, headDim], seed) },
  })
  const adapters: Record<string, AdapterState> = {
    rows: { inputsEmbeds: { rows: randomTensor([5, hiddenSize], 'rows', 0.4) } },
    prefix: prefix(6, 'prefix'),
    'other-prefix': prefix(3, 'other prefix'),
    lora: lowRank(spec, ['q_proj', 'v_proj'], 3, 'lora'),
    wide: lowRank(spec, ['k_proj', 'down_proj'], 5, 'wide', { bias: true }),
    ia3: factors(spec, ['k_proj', 'v_proj'], ['down_proj'], 'ia3'),
    gated: branch(spec, 4, 'gated'),
    check: waiting(spec, ['q_proj', 'v_proj', 'down_proj'], 3, 'check', tokensOf('User')),
    answer: waiting(spec, ['k_proj', 'v_proj'], 2, 'answer', tokensOf('answer')),
  }
  return Promise.all(
    expressions.map(async (expression) => {
      const { composed } = await composedOf(model, adapters, expression)
      return { key: expression, composed: Object.hasOwn(dormant, expression) ? { ...composed, dormantKey: dormant[expression]! } : composed }
    }),
  )
}

/** Requests of every kind in a random order: the same for the same seed. */
export function randomRequests(compositions: readonly NonNullable<Named>[], count: number, seed: number): RandomRequest[] {
  const random = new Random(`requests ${seed}`)
  const among = <T>(values: readonly T[]): T => values[random.integer(values.length)]
  const oneIn = (n: number): boolean => random.integer(n) === 0
  const asked = (): Asked => {
    if (oneIn(5)) return null
    if (!oneIn(8)) return among(compositions)
    const operator = among(['experts', 'product', 'ensemble'] as const)
    return {
      operator,
      operands: [among(compositions), among(compositions)].map((named) => ({
        named,
        weight: operator === 'ensemble' ? 0.5 : 0.5 + random.uniform(),
        level: 0.5,
      })),
    }
  }
  return Array.from({ length: count }, () => {
    const text = `${oneIn(2) ? among(sentences).repeat(1 + random.integer(4)) : ''}${among(sentences)}${random.integer(40)}`
    const grammar = oneIn(6) ? among(grammars) : undefined
    return {
      asked: asked(),
      pause: random.integer(4),
      ...(oneIn(10) && { leavesAfter: random.integer(4) }),
      options: {
        prompt: { text },
        maxTokens: 1 + random.integer(oneIn(6) ? 40 : 10),
        temperature: oneIn(3) ? 0.2 + random.uniform() : 0,
        topP: oneIn(3) ? 0.9 : 1,
        topK: oneIn(4) ? 12 : 0,
        stop: oneIn(8) ? ['e', 'th'] : [],
        seed: random.integer(2 ** 30),
        ...(grammar && { grammar }),
        ...(oneIn(4) && { repetitionPenalty: 1.3 }),
        ...(oneIn(5) && { logprobs: 2 }),
        ...(oneIn(2) && { tenant: among(['a', 'b', 'c']), tenantWeight: 1 + random.integer(3) }),
        ...(oneIn(4) && { priority: random.integer(3) - 1 }),
      },
    }
  })
}

/** Tokens of the answer, or as many as its asker waited for; and how it ended, unless he left. */
export async function answerTo(engine: Engine, { asked, options, leavesAfter }: RandomRequest, leaves = true): Promise<{ tokens: number[]; end?: string }> {
  const gone = new AbortController()
  const tokens: number[] = []
  let end: string | undefined
  const leaving = leaves && leavesAfter !== undefined
  for await (const event of await engine.generate(asked, options, gone.signal)) {
    if (!('token' in event)) end = event.finishReason
    else if (tokens.push(event.token) > leavesAfter! && leaving) gone.abort()
  }
  return { tokens, ...(!leaving && end !== undefined && { end }) }
}
