import { errors, fromWire, mapOf, parseWire, toWire } from '@weft/adapters'
import { defaultHyperparameters } from '@weft/methods'
import { describe, expect, test } from 'vitest'
import * as z from 'zod/mini'
import type { $ZodType } from 'zod/v4/core'
import { errorBody, errorFromBody } from './error.ts'
import { chatCompletionRequestSchema } from './inference/chat.ts'
import { type Classification, classifyRequestSchema } from './inference/classify.ts'
import { completionRequestSchema } from './inference/completions.ts'
import { embeddingsRequestSchema } from './inference/embeddings.ts'
import { scoresRequestSchema } from './inference/scores.ts'
import { generateRequestSchema, runnerClassifyResponseSchema } from './runner.ts'
import { createJobSchema } from './training/fine-tuning.ts'
import { trainingSpecSchema } from './training/training-spec.ts'

describe('spelling', () => {
  const schema = z.object({
    maxTokens: z.optional(z.int()),
    prompt: z.optional(z.object({ text: z.string() })),
    items: z.optional(z.array(z.nullable(z.union([z.object({ topP: z.number() }), z.string()])))),
    scores: z.optional(mapOf(z.object({ topP: z.number() }))),
    anything: z.optional(z.unknown()),
    pair: z.optional(z.tuple([z.object({ aB: z.int() }), z.object({ aB: z.int() })])),
  })

  test('fields change and come back, values stay', () => {
    const camel = { maxTokens: 3, prompt: { text: 'snake_case camelCase' }, items: [{ topP: 1 }, null, 'a_b'], pair: [{ aB: 1 }, { aB: 2 }] }
    const snake = { max_tokens: 3, prompt: { text: 'snake_case camelCase' }, items: [{ top_p: 1 }, null, 'a_b'], pair: [{ a_b: 1 }, { a_b: 2 }] }
    expect(toWire(schema, { ...camel, anything: undefined })).toEqual(snake)
    expect(fromWire(schema, snake)).toEqual(camel)
  })

  test('keys of a map are data, and so is what a schema leaves open', () => {
    const camel = { scores: { not_spam: { topP: 0.75 }, veryBad: { topP: 0.25 } }, anything: { aB: { c_d: 1 } } }
    const snake = { scores: { not_spam: { top_p: 0.75 }, veryBad: { top_p: 0.25 } }, anything: { aB: { c_d: 1 } } }
    expect(toWire(schema, camel)).toEqual(snake)
    expect(fromWire(schema, snake)).toEqual(camel)
  })

  test.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])('a label called %s goes over the wire and back', (label) => {
    const scores = Object.fromEntries([
      [label, 0.75],
      ['ham_or', 0.25],
    ])
    const wire = JSON.parse(JSON.stringify(toWire(runnerClassifyResponseSchema, { results: [{ label, scores }] })))
    const { results } = parseWire(runnerClassifyResponseSchema, wire)
    expect(Object.entries((results[0] as Classification).scores)).toEqual([
      [label, 0.75],
      ['ham_or', 0.25],
    ])
  })

  test("a method's config stands under its own name; maps within it keep their keys", () => {
    const lora = { lora_alpha: 8, rank_pattern: { 'block.0.SelfAttention': 4, q_proj: 2 } }
    const { method } = parseWire(createJobSchema, { model: 'base', training_file: 'file-1', suffix: 'a', method: { type: 'lora', lora } })
    expect(method).toEqual({ type: 'lora', lora: { loraAlpha: 8, rankPattern: lora.rank_pattern } })
    expect(toWire(createJobSchema, { method })).toEqual({ method: { type: 'lora', lora } })
  })

  test.each([
    ['maxTokens', 'max_tokens'],
    ['max__tokens', 'max_tokens'],
    ['pair_', 'pair'],
    ['topP', 'top_p'],
    ['top_P', 'top_p'],
    ['__proto__x', undefined],
    ['someField', undefined],
  ])('%s is no field of the wire, and is told as it was written', (name, near) => {
    const asked = z.strictObject({ ...schema.shape, topP: z.optional(z.number()) })
    const refused = expect.objectContaining({
      code: 'invalid_request',
      param: name,
      message: expect.stringMatching(new RegExp(`unknown field "${name}"${near === undefined ? '' : `; did you mean "${near}"\\?$`}`)),
    })
    expect(() => parseWire(asked, { [name]: 1 })).toThrow(refused)
    expect(() => parseWire(asked, { max_tokens: 1, [name]: 1 })).toThrow(refused)
  })

  test('a prototype is refused', () => {
    expect(() => fromWire(schema, JSON.parse('{"__proto__": {"admin": true}}'))).toThrow(
      expect.objectContaining({ code: 'invalid_request', param: '__proto__' }),
    )
    expect(({} as Record<string, unknown>).admin).toBeUndefined()
  })
})

describe('requests', () => {
  const job = { model: 'base', training_file: 'file-1', suffix: 'style/speech', method: { type: 'prompt-tuning', 'prompt-tuning': { num_virtual_tokens: 20 } } }

  test('a job with nothing said gets defaults that train reliably', () => {
    const parsed = parseWire(createJobSchema, job)
    expect(parsed.hyperparameters).toEqual(defaultHyperparameters())
    expect(parsed.hyperparameters).toMatchObject({ learningRate: 0.01, schedule: 'cosine', warmupRatio: 0.1, batchSize: 8, optimizer: 'adamw', maxGradNorm: 1 })
    expect(parsed.seed).toBe(0)
    expect((parsed.method as any)['prompt-tuning']).toEqual({ numVirtualTokens: 20 })
  })

  test('"auto" and null leave a value to the defaults', () => {
    const parsed = parseWire(createJobSchema, { ...job, hyperparameters: { n_epochs: 'auto', batch_size: null, learning_rate: 0.5 } })
    expect(parsed.hyperparameters).toEqual(defaultHyperparameters({ learningRate: 0.5 }))
  })

  test.each([
    [{ ...job, hyperparameters: { batch_size: 0 } }, 'hyperparameters.batch_size'],
    [{ ...job, hyperparameters: { learning_rat: 1 } }, 'hyperparameters.learning_rat'],
    [{ ...job, suffix: 'has space' }, 'suffix'],
    [{ ...job, suffix: '3d' }, 'suffix'],
    [{ ...job, method: {} }, 'method.type'],
    [{ ...job, training_file: undefined }, 'training_file'],
    [{ ...job, sufix: 'x' }, 'sufix'],
  ])('%j is refused, naming the field as the wire does', (body, param) => {
    expect(() => parseWire(createJobSchema, body)).toThrow(expect.objectContaining({ code: 'invalid_request', status: 400, param }))
  })

  test('messages in words, not just "Invalid input"', () => {
    expect(() => parseWire(chatCompletionRequestSchema, { model: 'base', messages: [{ role: 'user', content: 7 }], temperature: 9 })).toThrow(
      /messages\[0\]\.content: .*temperature: expected a number of at most 2/,
    )
  })

  test('a thousand faults make a short refusal, which says how many more there are', () => {
    try {
      parseWire(classifyRequestSchema, { model: 'base', input: Array.from({ length: 200 }, () => [7, 7]) })
      expect.unreachable()
    } catch (error: any) {
      expect(error).toMatchObject({ code: 'invalid_request', param: 'input[0][0]', details: { more: 392 } })
      expect(error.details.issues).toHaveLength(8)
      expect(error.message).toMatch(/^input\[0\]\[0\]: .*; and 392 more$/)
      expect(error.message.length).toBeLessThan(1000)
    }
  })

  test.each([
    [completionRequestSchema, { model: 'base', prompt: 5 }, 'prompt: expected a string, a list of strings, token ids or lists of them'],
    [completionRequestSchema, { model: 'base', prompt: ['a', 5] }, 'prompt: expected a string, a list of strings, token ids or lists of them'],
    [embeddingsRequestSchema, { model: 'base', input: {} }, 'input: expected a string, a list of strings, token ids'],
    [classifyRequestSchema, { model: 'base', input: 5 }, 'input: expected a string, or a list of strings'],
    [scoresRequestSchema, { model: 'base', input: null }, 'input: expected a string or a list of strings'],
    [classifyRequestSchema, { model: 'base', input: 'x', choices: ['a', 'a'] }, 'choices: a choice stands here twice'],
  ])('%#: what is expected is said', (schema, body, message) => {
    expect(() => parseWire<$ZodType>(schema, body)).toThrow(message)
  })

  test('a field that there is not is refused, with the nearest that there is', () => {
    const parse = (field: object) => parseWire(chatCompletionRequestSchema, { model: 'base', messages: [{ role: 'user', content: 'hi' }], ...field })
    expect(parse({ max_tokens: null })).toEqual({ model: 'base', messages: [{ role: 'user', content: 'hi' }], maxTokens: null })
    expect(() => parse({ max_token: 3 })).toThrow('unknown field "max_token"; did you mean "max_tokens"?')
    expect(() => parse({ stream_options: { usage: true } })).toThrow('stream_options.usage: unknown field "usage"')
  })

  test('a generation needs model, composition and prompt, and gets the rest', () => {
    expect(parseWire(generateRequestSchema, { model: 'base', composition: null, prompt: { text: 'a' } })).toEqual({
      model: 'base',
      composition: null,
      prompt: { text: 'a' },
      temperature: 1,
      topP: 1,
      topK: 0,
      stop: [],
      stream: false,
    })
    expect(() => parseWire(generateRequestSchema, { model: 'base', prompt: { text: 'a' } })).toThrow(expect.objectContaining({ param: 'composition' }))
  })

  test('a training spec survives the wire', () => {
    const spec = {
      jobId: 'j',
      name: 'style/speech',
      model: { name: 'base', fingerprint: 'f' },
      method: 'prefix-tuning',
      config: { numVirtualTokens: 3 },
      task: 'CAUSAL_LM' as const,
      hyperparameters: defaultHyperparameters({ maxSteps: 3 }),
      seed: 1,
      required: [],
    }
    expect(parseWire(trainingSpecSchema, JSON.parse(JSON.stringify(toWire(trainingSpecSchema, spec))))).toEqual(spec)
  })
})

test('what there is not, and nothing near it, says where to look', () => {
  expect(errors.notFound('adapter', 'x').message).toBe('there is no adapter "x"; GET /v1/adapters (npx weft adapters) lists what there is')
  expect(errors.notFound('job', 'x').message).toContain('GET /v1/fine_tuning/jobs')
  expect(errors.notFound('adapter', 'x', ['y']).message).toBe('there is no adapter "x"; did you mean "y"?')
})

test('an error survives the wire, its details untouched', () => {
  const error = errors.notFound('adapter', 'style/speach', ['style/speech'], 'model')
  const back = errorFromBody(404, JSON.parse(JSON.stringify(errorBody(error))))
  expect(back).toMatchObject({
    code: 'adapter_not_found',
    status: 404,
    param: 'model',
    message: 'there is no adapter "style/speach"; did you mean "style/speech"?',
    details: { suggestions: ['style/speech'] },
  })
  expect(errorFromBody(502, '<html>')).toMatchObject({ code: 'unexpected_response', status: 502 })
})
