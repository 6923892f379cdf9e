import { GraphBuilder, interpret, type TensorData } from '@weft/graph'
import { randomTensor, tinyModel } from '@weft/test/cases/tiny-adapters'
import { expect, test } from 'vitest'
import { adapterHooks, rowsInput, slotShape, slots } from '../hooks.ts'
import { Random } from '../random.ts'
import { adapterInputs } from '../sites/inputs.ts'
import type { AdapterState, FloatTensor } from '../tensor.ts'

const random = new Random('slots')
const [module, [out, input]] = Object.entries(tinyModel.modules)[0]!
const H = tinyModel.hiddenSize

const state = (): AdapterState => ({
  linear: { [`${module}.a`]: randomTensor(random, 2, input), [`${module}.b`]: randomTensor(random, out, 2), [`${module}.bias`]: randomTensor(random, out) },
  scale: { [`${module}.in`]: randomTensor(random, input), [`${module}.out`]: randomTensor(random, out) },
  residual: { '0.vector': randomTensor(random, H), '0.a': randomTensor(random, 3, H), '0.b': randomTensor(random, H, 3) },
})

/** A linear layer and the stream behind a layer of five rows, of which some have slots at each site. */
function computed(states: readonly AdapterState[], rowsOf: Record<string, number[]>, x: FloatTensor, stream: FloatTensor) {
  const all = states.map((each) => new Map(adapterInputs(each, tinyModel).map((each) => [each.name, each])))
  const inputs = [...all[0]!.values()].filter(({ site }) => site in rowsOf)
  const g = new GraphBuilder('slots')
  const hooks = adapterHooks(g, [{ rows: 'B', adapters: inputs.length ? [slots(g, { inputs, perRow: true })] : [] }])
  const weight = g.constant(randomTensor(new Random('weight'), input, out).data as Float32Array, [input, out])
  const flat = (name: string, size: number) => g.reshape(g.input(name, 'float32', ['B', 'T', size]), ['B*T', size])
  g.output(
    'y',
    hooks.linear(module, flat('x', input), (rows) => g.matMul(rows, weight)),
  )
  g.output('behind', g.identity(hooks.residual(0, flat('stream', H))))
  const transposed = ({ shape: [m, n], data }: FloatTensor): number[] => Array.from({ length: m! * n! }, (_, i) => data[(i % m!) * n! + Math.floor(i / m!)]!)
  const feeds: Record<string, TensorData> = {
    x: { dtype: 'float32', shape: [5, 1, input], data: x.data },
    stream: { dtype: 'float32', shape: [5, 1, H], data: stream.data },
  }
  for (const { name, site, transposedInSlots } of inputs) {
    const own = rowsOf[site]!.map((row) => all[row]!.get(name)!.tensor)
    const data = own.flatMap((tensor) => (transposedInSlots ? transposed(tensor) : [...tensor.data]))
    feeds[name] = {
      dtype: 'float32',
      shape: [own.length, ...(slotShape({ shape: own[0]!.shape, transposedInSlots: transposedInSlots ?? false }) as number[])],
      data: Float32Array.from(data),
    }
  }
  for (const [site, rows] of Object.entries(rowsOf)) feeds[rowsInput(site)] = { dtype: 'int64', shape: [rows.length], data: BigInt64Array.from(rows, BigInt) }
  const graph = g.build()
  const { y, behind } = interpret(graph, feeds)
  const products = graph.nodes.filter(({ op, inputs }) => op === 'MatMul' && inputs[0]!.shape.length === 3).map(({ inputs }) => inputs[0]!.shape[0])
  const rows = (data: ArrayLike<number>, row: number): number[] => Array.from(data).slice((row * data.length) / 5, ((row + 1) * data.length) / 5)
  return { products: new Set(products), of: (row: number) => ({ y: rows(y!.data as Float32Array, row), behind: rows(behind!.data as Float32Array, row) }) }
}

test('a row has what it has alone at the sites where it has a slot, and nothing is computed of it at the others', () => {
  const states = Array.from({ length: 5 }, state)
  const [x, stream] = [randomTensor(random, 5, input) as FloatTensor, randomTensor(random, 5, H) as FloatTensor]
  const rowsOf: Record<string, number[]> = { linear: [3, 0], scale: [0, 2, 4], residual: [4] }
  const together = computed(states, rowsOf, x, stream)
  expect(together.products).toEqual(new Set(['slots.linear', 'slots.residual']))
  for (let row = 0; row < 5; row++) {
    const own = Object.fromEntries(Object.entries(rowsOf).flatMap(([site, rows]) => (rows.includes(row) ? [[site, [row]]] : [])))
    expect(together.of(row), `row ${row}`).toEqual(computed(states, own, x, stream).of(row))
  }
})
