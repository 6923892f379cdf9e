import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test, vi } from 'vitest'
import { PATIENCE, runProgram } from '../../test/child.ts'
import { dense, floats, noise, tower } from '../../test/models.ts'
import { type Node, onnxModel } from '../../test/onnx-model.ts'
import { mutexOf } from '../device/device-mutex.ts'
import { openRuntime, type Session } from '../index.ts'

const ort = openRuntime()
const folder = mkdtempSync(join(tmpdir(), 'weft-ort-'))
afterAll(() => {
  rmSync(folder, { recursive: true })
  ort.dispose()
  expect(ort.live).toEqual({})
})
const code = (expected: string) => expect.objectContaining({ code: expected })

function run(session: Session): number[] {
  using x = ort.tensor('float32', [1, 3], [1, 1, 1])
  using y = ort.tensor('float32', [1, 2])
  using binding = session.bind({ inputs: { x }, outputs: { y } })
  binding.runSync()
  return [...y.data]
}

test('a weight comes from the store; names that the model does not know are left alone', async () => {
  using weights = ort
    .weights()
    .set('w', ort.tensor('float32', [3, 2], [1, 2, 3, 4, 5, 6]))
    .set('other', ort.tensor('float32', [1]))
  using session = ort.session(dense('from the session'), { weights })
  using loaded = await ort.load(dense('from the session'), { weights })
  expect([run(session), run(loaded)]).toEqual([
    [19, 32],
    [19, 32],
  ])
  expect([weights.size, weights.has('w'), weights.get('nothing')]).toEqual([2, true, undefined])
})

test('a store goes before what the model or its files hold', () => {
  using weights = ort.weights().set('w', ort.tensor('float32', [3, 2]))
  using inside = ort.session(dense(), { weights })
  writeFileSync(join(folder, 'w.bin'), floats(1, 2, 3, 4, 5, 6))
  using outside = ort.session(dense({ file: 'w.bin', offset: 0, length: 24 }), { weights, externalDataFolder: folder })
  expect([run(inside), run(outside)]).toEqual([
    [10, 20],
    [10, 20],
  ])
})

test('a model that declares a weight as an input gets it from the store with every binding', () => {
  const model = onnxModel({
    inputs: [
      { name: 'x', shape: ['B', 3] },
      { name: 'w', shape: [3, 2] },
    ],
    outputs: [{ name: 'y', shape: ['B', 2] }],
    nodes: [{ op: 'MatMul', inputs: ['x', 'w'], outputs: ['y'] }],
  })
  using weights = ort.weights().set('w', ort.tensor('float32', [3, 2], [1, 2, 3, 4, 5, 6]))
  using session = ort.session(model, { weights })
  expect(session.inputs.map(({ name }) => name)).toEqual(['x'])
  expect(run(session)).toEqual([9, 12])
  expect(weights.onDevice).toBe(false)
})

test('sessions keep the weights that they were made with', () => {
  const weights = ort.weights().set('w', ort.tensor('float32', [3, 2], [1, 2, 3, 4, 5, 6]))
  using before = ort.session(dense('from the session'), { weights })
  weights.set('w', ort.tensor('float32', [3, 2]))
  using after = ort.session(dense('from the session'), { weights })
  weights.dispose()
  weights.dispose()
  expect([run(before), run(after)]).toEqual([
    [19, 32],
    [10, 20],
  ])
  using refused = ort.tensor('float32', [3, 2])
  expect(() => weights.set('w', refused)).toThrow(code('disposed'))
  expect(() => ort.session(dense('from the session'), { weights })).toThrow(code('disposed'))
})

test('optimizers see the weights: what can be folded is folded from them', () => {
  using weights = ort
    .weights()
    .set('w', ort.tensor('float32', [2, 3], [1, 3, 5, 2, 4, 6]))
    .set('scale', ort.tensor('float32', [], [1]))
    .set('b', ort.tensor('float32', [2], [10, 20]))
  const model = onnxModel({
    inputs: [{ name: 'x', shape: ['B', 3] }],
    outputs: [{ name: 'y', shape: ['B', 2] }],
    nodes: [
      { op: 'Transpose', inputs: ['w'], outputs: ['wT'] },
      { op: 'MatMul', inputs: ['x', 'wT'], outputs: ['product'] },
      { op: 'Mul', inputs: ['product', 'scale'], outputs: ['scaled'] },
      { op: 'Add', inputs: ['scaled', 'b'], outputs: ['y'] },
    ],
    weights: [
      { name: 'w', shape: [2, 3], data: 'from the session' },
      { name: 'scale', shape: [], data: 'from the session' },
      { name: 'b', shape: [2], data: 'from the session' },
    ],
  })
  for (const optimization of ['all', 'none'] as const) {
    using session = ort.session(model, { weights, optimization })
    expect(run(session)).toEqual([19, 32])
  }
})

test('optimizers see large weights as well where they fold them; the store may be disposed of before they do', async () => {
  const size = 160
  const noted = noise(size * size)
  const folded = (fold: string) =>
    onnxModel({
      inputs: [{ name: 'x', shape: ['B', size] }],
      outputs: [{ name: 'y', shape: ['B', size] }],
      nodes: [
        { op: fold, inputs: ['w'], outputs: ['folded'] },
        { op: 'MatMul', inputs: ['x', 'folded'], outputs: ['y'] },
      ],
      weights: [{ name: 'w', shape: [size, size], data: 'from the session' }],
    })
  using x = ort.tensor('float32', [1, size], [1, ...new Array(size - 1).fill(0)])
  using y = ort.tensor('float32', [1, size])
  for (const [fold, row] of [
    ['Neg', noted.slice(0, size).map((value) => -value)],
    ['Transpose', noted.filter((_, i) => i % size === 0)],
  ] as const) {
    const weights = ort.weights().set('w', ort.tensor('float32', [size, size], noted))
    using session = ort.session(folded(fold), { weights, profile: true })
    const loading = ort.load(folded(fold), { weights })
    weights.dispose()
    using loaded = await loading
    for (const each of [session, loaded]) {
      using binding = each.bind({ inputs: { x }, outputs: { y } })
      binding.runSync()
      expect([...y.data]).toEqual([...row])
    }
    expect(session.readProfile().ops.map(({ op }) => op)).toEqual(['MatMul'])
  }
})

test('a session that fails otherwise is not tried again with large weights shown', async () => {
  const size = 160
  using weights = ort.weights().set('w', ort.tensor('float32', [size, size], noise(size * size)))
  const model = (columns: number, nodes: Node[]) =>
    onnxModel({
      inputs: [{ name: 'x', shape: ['B', columns] }],
      outputs: [{ name: 'y', shape: ['B', size] }],
      nodes,
      weights: [{ name: 'w', shape: [size, size], data: 'from the session' }],
    })
  const product = { op: 'MatMul', inputs: ['x', 'w'], outputs: ['y'] }
  const made = vi.spyOn(mutexOf('cpu'), 'runNow')
  const loaded = vi.spyOn(mutexOf('cpu'), 'runExclusive')
  for (const wrong of [model(size + 1, [product]), model(size, [{ op: 'Unheard', inputs: ['x', 'w'], outputs: ['y'] }])]) {
    made.mockClear()
    loaded.mockClear()
    expect(() => ort.session(wrong, { weights })).toThrow(/^ONNX Runtime: /)
    await expect(ort.load(wrong, { weights })).rejects.toThrow(/^ONNX Runtime: /)
    expect([made.mock.calls.length, loaded.mock.calls.length]).toEqual([1, 1])
  }
  made.mockClear()
  using folded = ort.session(
    model(size, [
      { op: 'Neg', inputs: ['w'], outputs: ['folded'] },
      { ...product, inputs: ['x', 'folded'] },
    ]),
    { weights },
  )
  expect([folded.outputs.length, made.mock.calls.length]).toEqual([1, 2])
  vi.restoreAllMocks()
})

test('what is missing or does not fit is named', async () => {
  using weights = ort.weights().set('w1', ort.tensor('float32', [4, 4], noise(16)))
  expect(() => ort.session(tower(2, 4), { weights })).toThrow(code('missing_weights'))
  expect(() => ort.session(tower(2, 4), { weights })).toThrow('w0')
  expect(() => ort.session(tower(2, 4))).toThrow('w0, w1')
  await expect(ort.load(tower(2, 4))).rejects.toEqual(code('missing_weights'))
  weights.set('w0', ort.tensor('float32', [4, 5]))
  expect(() => ort.session(tower(2, 4), { weights })).toThrow('"w0" has shape [4, 4], but the tensor given has [4, 5]')
  weights.set('w0', ort.tensor('int32', [4, 4]))
  expect(() => ort.session(tower(2, 4), { weights })).toThrow(code('wrong_dtype'))
})

test(
  'more sessions over one store take no more memory; with stores of their own they do; mapped weights are not held beside what is made of them',
  () => {
    interface Result {
      weights: number
      used: number[]
      same: boolean
    }
    const flags = ['--expose-gc']
    const shared = runProgram<Result>('programs/shared-weights.ts', { flags, env: { STORE: 'shared' } })
    const apart = runProgram<Result>('programs/shared-weights.ts', { flags, env: { STORE: 'apart' } })
    const mapped = runProgram<Result>('programs/shared-weights.ts', { flags, env: { STORE: 'mapped' } })
    expect([shared.same, apart.same, mapped.same]).toEqual([true, true, true])
    expect(shared.used[3]! - shared.used[1]!).toBeLessThan(shared.weights * 0.4)
    expect(apart.used[3]! - apart.used[1]!).toBeGreaterThan(apart.weights * 2)
    expect(shared.used[1]! - shared.used[0]!).toBeGreaterThan(shared.weights * 1.8)
    if (process.platform === 'linux') expect(mapped.used[3]! - mapped.used[0]!).toBeLessThan(mapped.weights * 1.3)
  },
  PATIENCE,
)
