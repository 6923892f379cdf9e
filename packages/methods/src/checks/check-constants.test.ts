import { byteTensor, floatTensor, textState } from '@weft/adapters'
import { tinyModel } from '@weft/test/cases/tiny-adapters'
import { expect, test } from 'vitest'
import * as z from 'zod/mini'
import { encodedShapes, stateShapes } from '../encoded-shapes.ts'
import { zeros } from '../initializers.ts'
import { definePlugin, type Plugin, param } from '../plugin.ts'

const H = tinyModel.hiddenSize
const vector = floatTensor([H], new Float32Array(H).fill(3))

/** A prompt of two rows with constants beside it. */
const knowing = (constants: unknown, part: object = {}): Plugin =>
  definePlugin({
    id: 'mine',
    sites: ['inputsEmbeds', 'residual', 'keyValue', 'text'],
    config: z.strictObject({}),
    params: () => ({ rows: param([2, H], zeros) }),
    encode: (_: unknown, { rows }: { rows: unknown }) => ({ inputsEmbeds: { rows } }),
    constants: () => constants,
    ...part,
  } as never)

test('constants are part of the state that a config leads to', () => {
  const state = stateShapes(knowing({ residual: { '0.vector': vector } }), {}, tinyModel)
  expect(Object.keys(state)).toEqual(['inputsEmbeds', 'residual'])
  const shape = [tinyModel.numLayers, 2, tinyModel.numKeyValueHeads, 5, tinyModel.headDim]
  expect(stateShapes(knowing({ keyValue: { prefix: floatTensor(shape) } }), {}, tinyModel).keyValue.prefix.shape).toEqual(shape)
})

test.each<[string, unknown, string]>([
  ['a promise', Promise.resolve({}), 'its "constants" gave a promise; expected tensors by site'],
  ['a site that is none', { nowhere: {} }, 'its "constants" fill the site "nowhere", and there is none'],
  ['a site that is not listed', { linear: {} }, 'its "constants" fill the site "linear", and "sites" lists "inputsEmbeds", "residual", "keyValue", "text"'],
  ['no tensors by name', { residual: [vector] }, 'its "constants" gave a list at "residual"'],
  ['nothing', { residual: { '0.vector': null } }, 'its "constants" gave null as residual.0.vector; expected { shape, data }'],
  ['plain numbers', { residual: { '0.vector': { shape: [H], data: Array(H).fill(3) } } }, 'its "constants" gave an object as residual.0.vector'],
  [
    'numbers of another precision',
    { residual: { '0.vector': { shape: [H], data: new Float64Array(H) } } },
    `gave ${H} values in a Float64Array of the shape [${H}] as residual.0.vector; expected`,
  ],
  ['too few', { residual: { '0.vector': { shape: [H], data: new Float32Array(1) } } }, `gave 1 values in a Float32Array of the shape [${H}]`],
  ['bytes', { residual: { '0.vector': byteTensor(new Uint8Array(H)) } }, 'in a Uint8Array of the shape [12] as residual.0.vector; expected float32'],
  ['another tensor', { residual: { vector } }, 'there is no tensor "vector" here'],
  ['another width', { residual: { '0.vector': floatTensor([H + 1]) } }, `constants/residual.0.vector must be [${H}], got [${H + 1}]`],
  ['no number', { residual: { '0.vector': floatTensor([H], new Float32Array(H).fill(Number.NaN)) } }, 'constants/residual.0.vector'],
  ['what encode gives', { inputsEmbeds: { rows: floatTensor([2, H]) } }, 'and its "encode" both give inputsEmbeds.rows'],
  ['a strength', { inputsEmbeds: { bias: floatTensor([2]) } }, 'its "constants" give the strength inputsEmbeds.bias, which training does not see'],
  ['a text', { text: textState('Answer briefly.') }, 'its "constants" put a text in front, which training does not see'],
])('%s among the constants is the fault of the plugin', (_, constants, message) => {
  expect(() => encodedShapes(knowing(constants), {}, tinyModel)).toThrow(
    expect.objectContaining({ code: 'plugin_failed', status: 422, message: expect.stringContaining(message) }),
  )
})

test('a text is a constant of what is not trained', () => {
  expect(() => encodedShapes(knowing({ text: textState('Answer briefly.') }, { trains: false, encode: () => ({}) }), {}, tinyModel)).not.toThrow()
})

test('a strength that encode gives is refused: no training sees it', () => {
  const encode = (_: unknown, { rows }: any) => ({ inputsEmbeds: { rows, bias: rows } })
  expect(() => encodedShapes(knowing({}, { encode }), {}, tinyModel)).toThrow(/its "encode" gave the strength inputsEmbeds\.bias/)
})
