import { GraphBuilder, interpret, type TensorData } from '@weft/graph'
import { siteCases } from '@weft/test/cases/site'
import { randomTensor, tinyModel } from '@weft/test/cases/tiny-adapters'
import { describe, expect, test } from 'vitest'
import { adapterHooks } from '../../hooks/adapter-hooks.ts'
import { constants } from '../../hooks/bindings.ts'
import { nothingPlaced } from '../../placement.ts'
import { Random } from '../../random.ts'
import { floatTensor, type SiteState } from '../../tensor.ts'
import { validateState } from '../validate.ts'
import { activatedLinear } from './algebra.ts'
import { invocationStarts, invocationsOf, invocationsTensor, tokenGate } from './invocations.ts'

const q = 'model.layers.0.self_attn.q_proj'
const down = 'model.layers.2.mlp.down_proj'

/** The matrix that is added to a layer's weight by all that one sequence opens, by sequence. */
const effect = (state: SiteState): SiteState => {
  const opened: SiteState = {}
  for (const [i, tokens] of invocationsOf(state.invocations).entries())
    for (const module of [q, down].filter((module) => state[`${module}.a`])) {
      const { [`${module}.a`]: a, [`${module}.b`]: b, [`${module}.of`]: of } = state
      const [[R, input], [out]] = [a.shape, b.shape]
      const name = `${tokens.join('+')} ${module}`
      const before = opened[name]?.data
      opened[name] = floatTensor(
        [out, input],
        Float32Array.from({ length: out * input }, (_, at) =>
          Array.from({ length: R }, (__, r) => of.data[i * R + r] * b.data[Math.floor(at / input) * R + r] * a.data[r * input + (at % input)]).reduce(
            (x, y) => x + y,
            before?.[at] ?? 0,
          ),
        ),
      )
    }
  return opened
}

const state = (random: Random): SiteState => ({
  invocations: invocationsTensor([[3, 4], [7]]),
  [`${q}.a`]: randomTensor(random, 3, 12),
  [`${q}.b`]: randomTensor(random, 20, 3),
  [`${q}.of`]: floatTensor([2, 3], Float32Array.of(1, 1, 0, 0, 0, 1)),
  [`${down}.a`]: randomTensor(random, 2, 20),
  [`${down}.b`]: randomTensor(random, 12, 2),
  [`${down}.of`]: floatTensor([2, 2], Float32Array.of(1, 0, 0, 1)),
})

siteCases({ site: 'activatedLinear', effect, state })

describe('an invocation', () => {
  test('keeps its tokens, whatever their numbers', () => {
    const given = [[1], [200_000, 0, 16_777_217], [5, 5]]
    expect(invocationsOf(invocationsTensor(given))).toEqual(given)
  })

  test('begins where its tokens stand last, as a whole', () => {
    const starts = (tokens: number[], ...invocations: number[][]) => invocationStarts(tokens, invocations)
    expect(starts([3, 4, 9, 3, 4, 3], [3, 4], [3], [4, 9, 3, 4, 3], [9, 4])).toEqual([3, 5, 1, null])
    expect(starts([5, 5, 5], [5, 5])).toEqual([1])
    expect(starts([4], [3, 4])).toEqual([null])
    expect(starts([], [3])).toEqual([null])
  })

  test('opens the columns from there on, wherever a row begins', () => {
    const gate = tokenGate(
      [
        { tokens: [3, 4, 9], first: 1 },
        { tokens: [7, 3], first: 0 },
      ],
      4,
      [[4], [3, 4]],
    )
    expect([...gate]).toEqual([0, 0, 0, 1, 1, 1, 1, 1, ...Array(8).fill(0)])
  })

  test('is one of tokens that the model has, of a model that reads them in order', () => {
    const good = state(new Random(1))
    const refused = (code: string, change: Partial<SiteState>, model = tinyModel) =>
      expect(() => validateState('activatedLinear', { ...good, ...change } as SiteState, model)).toThrow(expect.objectContaining({ code }))
    refused('invocation_beyond_vocabulary', { invocations: invocationsTensor([[40], [7]]) })
    refused('invocation_empty', { invocations: invocationsTensor([[1], []]) })
    refused('tensor_shape', { invocations: invocationsTensor([[1]]) })
    refused('invocation_needs_decoder', {}, { ...tinyModel, bidirectional: true })
    refused('invocation_needs_decoder', {}, { ...tinyModel, encoderDecoder: { numEncoderLayers: 1, decoderStartTokenId: 0 } })
  })
})

/** A layer of ones over a batch, of rows of two tokens: y of the first output, by row and token. */
function layerOf(groups: { states: SiteState[]; rows: { tokens: number[] }[] }[], placedRows = 0): number[] {
  const g = new GraphBuilder('layer')
  const all = groups.flatMap(({ rows }) => rows)
  const feeds: Record<string, TensorData> = {}
  const bound = groups.map(({ states, rows }, s) => ({
    rows: rows.length,
    adapters: states.map((state, n) => {
      const inputs = activatedLinear.inputs(state, tinyModel).map((input) => ({ ...input, site: 'activatedLinear', name: `activatedLinear.${input.name}` }))
      for (const { name, tensor, invocations } of inputs)
        feeds[`${s}.${n}.${name}`] = invocations
          ? {
              dtype: 'float32',
              shape: [all.length, 2, invocations.length],
              data: tokenGate(
                all.map(({ tokens }) => ({ tokens, first: 0 })),
                2,
                invocations,
              ) as Float32Array<ArrayBuffer>,
            }
          : { dtype: 'float32', ...tensor, data: tensor.data as Float32Array<ArrayBuffer> }
      return constants(g, `${s}.${n}`, { placement: { ...nothingPlaced, rows: placedRows }, inputs }, { rows: all.length, length: 2 })
    }),
  }))
  const M = all.length * (2 + placedRows)
  const x = g.constant(new Float32Array(M * 12).fill(1), [M, 12])
  const y = adapterHooks(g, bound).linear(q, x, () => g.constant(new Float32Array(M * 20).fill(100), [M, 20]))
  g.output('y', g.identity(y))
  return [...(interpret(g.build(), feeds).y.data as Float32Array)].filter((_, i) => i % 20 === 0)
}

const adds = (value: number, ...tokens: number[]): SiteState => ({
  invocations: invocationsTensor([tokens]),
  [`${q}.a`]: floatTensor([1, 12], new Float32Array(12).fill(0.5)),
  [`${q}.b`]: floatTensor([20, 1], new Float32Array(20).fill(value)),
  [`${q}.of`]: floatTensor([1, 1], Float32Array.of(1)),
})

describe('in a graph', () => {
  const rows = [{ tokens: [3, 1] }, { tokens: [1, 3] }, { tokens: [1, 1] }]

  test('it adds from its invocation on and nothing before, exactly', () => {
    expect(layerOf([{ states: [adds(2, 3)], rows }])).toEqual([112, 112, 100, 112, 100, 100])
  })

  test('two wait for one invocation each', () => {
    const both = activatedLinear.stack(adds(2, 3), adds(1, 1))
    expect(layerOf([{ states: [both], rows }])).toEqual([112, 118, 106, 118, 100, 106])
    expect(layerOf([{ states: [adds(2, 3), adds(1, 1)], rows }])).toEqual([112, 118, 106, 118, 100, 106])
  })

  test('rows that stand before the tokens are before the invocation', () => {
    expect(layerOf([{ states: [adds(2, 3)], rows: [rows[0]] }], 2)).toEqual([100, 100, 112, 112])
  })

  test('groups of a batch have each their own, beside groups with none', () => {
    const both = activatedLinear.stack(adds(2, 3), adds(1, 1))
    expect(
      layerOf([
        { states: [], rows: [rows[0]] },
        { states: [adds(5, 1)], rows: [rows[0], rows[1]] },
        { states: [both], rows: [rows[1]] },
      ]),
    ).toEqual([100, 100, 100, 130, 130, 130, 106, 118])
  })
})
