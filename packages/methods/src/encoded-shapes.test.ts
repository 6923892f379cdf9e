import { tinyModel } from '@weft/test/cases/tiny-adapters'
import { expect, test } from 'vitest'
import * as z from 'zod/mini'
import { encodedShapes } from './encoded-shapes.ts'
import { invalidConfig } from './errors.ts'
import { zeros } from './initializers.ts'
import { definePlugin, param } from './plugin.ts'

const H = tinyModel.hiddenSize

/** Encodes a prompt of two rows; `part` is what is wrong with it. */
const encoding = (part: object) =>
  encodedShapes(
    {
      ...definePlugin({
        id: 'mine',
        sites: ['inputsEmbeds'],
        config: z.strictObject({}),
        params: () => ({ rows: param([2, H], zeros) }),
        encode: (_: unknown, { rows }: { rows: unknown }) => ({ inputsEmbeds: { rows } }),
      } as never),
      ...part,
    },
    {},
    tinyModel,
  )

test('what encode gives is told by its shapes', () => expect(encoding({}).inputsEmbeds?.rows.shape).toEqual([2, H]))

test.each<[string, object, string]>([
  ['encode that throws', { encode: (g: any) => g.nope() }, 'its "encode" threw TypeError: g.nope is not a function'],
  [
    'an op that does not fit',
    { encode: (g: any, { rows }: any) => ({ inputsEmbeds: { rows: g.matMul(rows, rows) } }) },
    'its "encode" threw GraphError: MatMul',
  ],
  ['params that throw', { params: (config: any) => ({ rows: param([config.a.b], zeros) }) }, 'its "params" threw TypeError'],
  ['params that are none', { params: () => undefined }, 'its "params" gave undefined; expected an object of param(shape, init)'],
  ['a parameter that is none', { params: () => ({ rows: [2, H] }) }, 'its parameter "rows" is a list; expected what param(shape, init) gives'],
  ['a parameter without a size', { params: () => ({ rows: param([2, Number.NaN], zeros) }) }, 'its parameter "rows" has the shape [2, NaN]'],
  [
    'a parameter that would not be learned',
    { params: () => ({ rows: param([2, H], zeros, { lrScale: 0 }) }) },
    'its parameter "rows" has the lrScale 0; expected a finite number above 0',
  ],
  ['a parameter with a rate that is none', { params: () => ({ rows: { ...param([2, H], zeros), lrScale: '2' } }) }, 'has the lrScale 2; expected'],
  ['a promise', { encode: async () => ({}) }, 'its "encode" gave a promise; expected values by site'],
  ['nothing', { encode: () => undefined }, 'its "encode" gave undefined'],
  [
    'a site that is none',
    { encode: (_: any, { rows }: any) => ({ nowhere: { rows } }) },
    'fills the site "nowhere", and there is none; sites are "inputsEmbeds"',
  ],
  ['a site that it does not list', { sites: ['residual'] }, 'fills the site "inputsEmbeds", and "sites" lists "residual"; list every site that it fills'],
  ['a site that it lists none of', { sites: [] }, 'and "sites" lists none;'],
  ['values that are no tensors by name', { encode: (_: any, { rows }: any) => ({ inputsEmbeds: [rows] }) }, 'gave a list at "inputsEmbeds"'],
  ['numbers', { encode: () => ({ inputsEmbeds: { rows: [1, 2] } }) }, 'gave a list as inputsEmbeds.rows; expected a value of the graph'],
  ['another tensor', { encode: (_: any, { rows }: any) => ({ inputsEmbeds: { embedding: rows } }) }, 'there is no tensor "embedding" here; expected "rows"'],
  ['a tensor of another width', { params: () => ({ rows: param([2, H + 1], zeros) }) }, `encode/inputsEmbeds.rows must be [?, ${H}], got [2, ${H + 1}]`],
  ['a tensor of another dtype', { encode: (g: any, { rows }: any) => ({ inputsEmbeds: { rows: g.cast(rows, 'int64') } }) }, 'inputsEmbeds.rows in int64'],
])('%s is the fault of the plugin', (_, part, message) => {
  expect(() => encoding(part)).toThrow(
    expect.objectContaining({ code: 'plugin_failed', status: 422, param: 'method.type', message: expect.stringContaining(message) }),
  )
  expect(() => encoding(part)).toThrow(
    /^the plugin of the method "mine" cannot be used: .* Mend the plugin; a server that runs has it as it was until it is started again\.$/,
  )
})

test('what a method refuses with a code of its own stands as it is', () => {
  const refuses = () => {
    throw invalidConfig('mine', [{ param: 'r', message: 'too many' }])
  }
  expect(() => encoding({ params: refuses })).toThrow(expect.objectContaining({ code: 'invalid_config' }))
})
