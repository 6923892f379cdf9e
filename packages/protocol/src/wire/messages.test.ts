import { describeIssues } from '@weft/adapters'
import { expect, test } from 'vitest'
import { type $ZodType, safeParse } from 'zod/v4/core'
import * as protocol from '../index.ts'
import { readRow } from '../training-file/row.ts'

interface Definition {
  shape?: Record<string, $ZodType>
  element?: $ZodType
  innerType?: $ZodType
  options?: readonly $ZodType[]
  in?: $ZodType
  getter?: () => $ZodType
}

/** What a field may be sent by mistake. */
const wrong: unknown[] = [undefined, null, 5, -1.5, 1e300, true, 'x', '', [], [5], [{}], [['x']], ['x', 5], {}, { x: 5 }, { type: 'x' }]

const schemas = Object.entries(protocol).filter((entry): entry is [string, $ZodType & (typeof entry)[1]] => {
  const [, value] = entry
  return value !== null && typeof value === 'object' && '_zod' in value
})

/** Every place in a schema, as what makes a whole value of a value that stands there; what is optional, or one of several, stands where others stand too. */
function* placesIn(schema: $ZodType, whole: (value: unknown) => unknown = (value) => value, depth = 0): Generator<(value: unknown) => unknown> {
  yield whole
  if (depth > 5) return
  const { shape, element, innerType, options, in: input, getter } = schema._zod.def as unknown as Definition
  for (const inner of [innerType, input, getter?.(), ...(options ?? [])]) if (inner) yield* placesIn(inner, whole, depth + 1)
  if (element) yield* placesIn(element, (value) => whole([value]), depth + 1)
  for (const [name, field] of Object.entries(shape ?? {})) yield* placesIn(field, (value) => whole({ [name]: value }), depth + 1)
}

const messagesOf = (schema: $ZodType, value: unknown): { param: string; message: string }[] => {
  const { error } = safeParse(schema, value)
  return error ? describeIssues(error.issues, '', schema) : []
}

test('the wire has its schemas here', () => expect(schemas.length).toBeGreaterThan(60))

/** What is amiss with the messages of one value. */
function* faultsOf(schema: $ZodType, value: unknown): Generator<object> {
  const found = messagesOf(schema, value)
  for (const { param, message } of found) if (/^Invalid input$|^$|or Invalid input/.test(message)) yield { says: message, param, value }
  const bounded = found.filter(({ message }) => /^Too (big|small): expected (number|int)/.test(message)).map(({ param }) => param)
  if (new Set(bounded).size < bounded.length) yield { bounds: found, value }
}

test.each(schemas)('%s: whatever is wrong, the message says what was expected, and one bound of it', (_, schema) => {
  const places = new Map(Array.from(placesIn(schema), (place) => [JSON.stringify(place('here')), place]))
  const faults = [...places.values()].flatMap((place) => wrong.flatMap((value) => [...faultsOf(schema, place(value))]))
  expect(faults).toEqual([])
})

test.each([
  [protocol.completionRequestSchema, { model: 'base', prompt: 'x', stop: 5 }, 'stop', /a string.*a list/],
  [protocol.responseRequestSchema, { model: 'base', input: 5 }, 'input', /a string.*a list/],
  [protocol.completionRequestSchema, { model: 'base', prompt: 'x', logit_bias: 5 }, 'logit_bias', /expected an object/],
  [protocol.createJobSchema, { model: 'base', method: 'lora' }, 'method', /^expected an object with the method as its type: {"type": "lora"}, got "lora"$/],
  [protocol.createJobSchema, { model: 'base', hyperparameters: { nEpochs: 'Auto' } }, 'hyperparameters.n_epochs', /or "auto" in small letters, got "Auto"$/],
  [protocol.createJobSchema, { model: 'base', hyperparameters: { learningRate: 'fast' } }, 'hyperparameters.learning_rate', /^expected a number, got "fast"$/],
  [protocol.batchLineSchema, { customId: 'a' }, 'body', /^it is missing; expected an object of names and values$/],
  [protocol.batchLineSchema, { body: ['a'] }, 'body', /^expected an object of names and values, got a list$/],
  [protocol.explainRequestSchema, {}, 'model', /^it is missing; expected what is asked: "base", a route, or an expression/],
] as const)('%#: what is expected is said', (schema, value, param, message) => {
  expect(messagesOf(schema, Object.fromEntries(Object.entries(value).map(([name, of]) => [name.replace('_b', 'B'), of])))).toContainEqual({
    param,
    message: expect.stringMatching(message),
  })
})

test('a training row without its answer is told what an answer may be', () => {
  expect(() => readRow('{"prompt": "a"}', 3)).toThrow(/line 3: completion: it is missing; expected a string or a list$/)
})
