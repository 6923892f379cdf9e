import { readFileSync } from 'node:fs'
import { afterAll, expect, test } from 'vitest'
import { attention, cache, dense, noise, tower } from '../../test/models.ts'
import { openRuntime, type Tensor } from '../index.ts'

const ort = openRuntime()
afterAll(() => {
  ort.dispose()
  expect(ort.live).toEqual({})
})

const code = (expected: string) => expect.objectContaining({ code: expected })

test('bind once, write in place, run many, here and on another thread', async () => {
  using session = ort.session(dense())
  using x = ort.tensor('float32', [2, 3], [1, 1, 1, 0, 0, 0])
  using y = ort.tensor('float32', [2, 2])
  using binding = session.bind({ inputs: { x }, outputs: { y } })
  await binding.run()
  expect([...y.data]).toEqual([19, 32, 10, 20])
  x.data[0] = 2
  binding.runSync()
  expect([...y.data]).toEqual([20, 34, 10, 20])
})

test('a run reads a view of a view where its numbers are', () => {
  using session = ort.session(dense())
  using all = ort.tensor('float32', [9], [9, 9, 9, 9, 9, 9, 1, 1, 1])
  using part = all.view(3, [6])
  using x = part.view(3, [1, 3])
  using flat = ort.tensor('float32', [3, 2])
  using last = flat.view(4, [2])
  using y = last.reshape([1, 2])
  using binding = session.bind({ inputs: { x }, outputs: { y } })
  binding.runSync()
  expect([...flat.data]).toEqual([0, 0, 0, 0, 19, 32])
})

test('rebinding one name leaves the others', () => {
  using session = ort.session(dense())
  using x = ort.tensor('float32', [1, 3], [1, 1, 1])
  using y = ort.tensor('float32', [1, 2])
  using binding = session.bind({ inputs: { x }, outputs: { y } })
  using zero = ort.tensor('float32', [1, 3])
  using z = ort.tensor('float32', [1, 2])
  binding.set('x', zero).runSync()
  expect([...y.data]).toEqual([10, 20])
  binding.set('x', x).set('y', z).runSync()
  expect([[...y.data], [...z.data]]).toEqual([
    [10, 20],
    [19, 32],
  ])
})

test('one tensor as input and output is a cache updated in place', () => {
  using session = ort.session(cache())
  using rows = ort.tensor('float32', [3, 4])
  using row = ort.tensor('float32', [1, 4])
  using at = ort.tensor('int64', [1, 1])
  using binding = session.bind({ inputs: { past: rows, row, at }, outputs: { present: rows } })
  for (const i of [2, 0]) {
    at.data[0] = BigInt(i)
    row.data.fill(i + 1)
    binding.runSync()
  }
  expect([...rows.data]).toEqual([1, 1, 1, 1, 0, 0, 0, 0, 3, 3, 3, 3])
})

test('key/value slots through views: each row of a cache can be attended to alone, and the numbers are those of the whole', () => {
  const [slots, steps] = [8, 5]
  using session = ort.session(attention(slots))
  const decode = (batch: number, pastKey: Tensor, pastValue: Tensor, seed: number[]) => {
    using total = ort.tensor('int32', [1])
    using seqlens = ort.tensor('int32', [batch])
    using query = ort.tensor('float32', [batch, 1, 16])
    using key = ort.tensor('float32', [batch, 1, 8])
    using value = ort.tensor('float32', [batch, 1, 8])
    using out = ort.tensor('float32', [batch, 1, 16])
    using binding = session.bind({
      inputs: { query, key, value, past_key: pastKey, past_value: pastValue, seqlens_k: seqlens, total },
      outputs: { out, present_key: pastKey, present_value: pastValue },
    })
    const results: number[][] = []
    for (let step = 0; step < steps; step++) {
      seed.forEach((s, row) => {
        query.data.set(noise(16, s + step), row * 16)
        key.data.set(noise(8, s + step + 1000), row * 8)
        value.data.set(noise(8, s + step + 2000), row * 8)
      })
      seqlens.data.fill(step)
      total.data[0] = step + 1
      binding.runSync()
      results.push([...out.data])
    }
    return results
  }
  using wholeKey = ort.tensor('float32', [2, 1, slots, 8])
  using wholeValue = ort.tensor('float32', [2, 1, slots, 8])
  const together = decode(2, wholeKey, wholeValue, [10, 500])
  using viewedKey = ort.tensor('float32', [2, 1, slots, 8])
  using viewedValue = ort.tensor('float32', [2, 1, slots, 8])
  const alone = [10, 500].map((seed, row) => {
    using k = viewedKey.view(row * slots * 8, [1, 1, slots, 8])
    using v = viewedValue.view(row * slots * 8, [1, 1, slots, 8])
    return decode(1, k, v, [seed])
  })
  together.forEach((both, step) => {
    expect(alone[0]![step]).toEqual(both.slice(0, 16))
    expect(alone[1]![step]).toEqual(both.slice(16))
  })
  expect(viewedKey.data).toEqual(wholeKey.data)
  // Slots not yet reached are untouched: nothing but the step's row is written.
  expect([...wholeKey.data.slice(steps * 8, slots * 8)]).toEqual(Array(24).fill(0))
  expect(wholeKey.data.slice(0, 8)).toEqual(noise(8, 1010))
})

test('a binding keeps what was bound to it, and its session', () => {
  const session = ort.session(dense())
  const x = ort.tensor('float32', [1, 3], [1, 1, 1])
  using y = ort.tensor('float32', [1, 2])
  using binding = session.bind({ inputs: { x }, outputs: { y } })
  x.dispose()
  session.dispose()
  binding.runSync()
  expect([...y.data]).toEqual([19, 32])
})

test('what is bound is checked by name, type and shape', () => {
  using session = ort.session(dense())
  using x = ort.tensor('float32', [1, 3])
  using y = ort.tensor('float32', [1, 2])
  using flat = ort.tensor('float32', [3])
  using wide = ort.tensor('float32', [1, 4])
  using whole = ort.tensor('int32', [1, 3])
  expect(() => session.bind({ inputs: { x, z: x }, outputs: { y } })).toThrow(code('unknown_name'))
  expect(() => session.bind({ inputs: { x }, outputs: { x: y } })).toThrow(code('unknown_name'))
  expect(() => session.bind({ inputs: { x: whole }, outputs: { y } })).toThrow(code('wrong_dtype'))
  expect(() => session.bind({ inputs: { x: wide }, outputs: { y } })).toThrow(code('wrong_shape'))
  expect(() => session.bind({ inputs: { x: flat }, outputs: { y } })).toThrow(code('wrong_shape'))
  using binding = session.bind({ inputs: { x }, outputs: { y } })
  expect(() => binding.set('w', x)).toThrow('it has x, y')
})

test('a run needs every input and an output', async () => {
  using session = ort.session(dense())
  using x = ort.tensor('float32', [1, 3])
  using y = ort.tensor('float32', [1, 2])
  using noInput = session.bind({ inputs: {}, outputs: { y } })
  using noOutput = session.bind({ inputs: { x }, outputs: {} })
  await expect(noInput.run()).rejects.toEqual(code('unbound_inputs'))
  expect(() => noInput.runSync()).toThrow(code('unbound_inputs'))
  await expect(noOutput.run()).rejects.toEqual(code('no_outputs'))
})

test('sizes that do not fit each other fail in ONNX Runtime, and the binding stays usable', async () => {
  using session = ort.session(dense())
  using x = ort.tensor('float32', [2, 3], [1, 1, 1, 1, 1, 1])
  using one = ort.tensor('float32', [1, 2])
  using two = ort.tensor('float32', [2, 2])
  using binding = session.bind({ inputs: { x }, outputs: { y: one } })
  await expect(binding.run()).rejects.toMatchObject({ code: expect.stringMatching(/^ort_/), message: expect.stringContaining('shape') })
  expect(() => binding.runSync()).toThrow(expect.objectContaining({ code: expect.stringMatching(/^ort_/) }))
  binding.set('y', two)
  await binding.run()
  expect([...two.data]).toEqual([19, 32, 19, 32])
})

test('memory that was transferred away is noticed before a run', () => {
  using session = ort.session(dense())
  using x = ort.tensor('float32', [1, 3])
  using y = ort.tensor('float32', [1, 2])
  using binding = session.bind({ inputs: { x }, outputs: { y } })
  const buffer = x.data.buffer as ArrayBuffer
  buffer.transfer()
  expect(() => binding.runSync()).toThrow(code('memory_taken'))
})

/** A run long enough to do something meanwhile. */
function slow() {
  const [depth, size, rows] = [4, 512, 512]
  const weights = ort.weights()
  for (let i = 0; i < depth; i++) weights.set(`w${i}`, ort.tensor('float32', [size, size], noise(size * size, i + 1)))
  const session = ort.session(tower(depth, size), { weights, threads: 1 })
  const x = ort.tensor('float32', [rows, size], noise(rows * size))
  const y = ort.tensor('float32', [rows, size])
  const binding = session.bind({ inputs: { x }, outputs: { y } })
  for (const done of [weights, session, x]) done.dispose()
  return { binding, y, x }
}

test('the event loop is free while a run is under way', async () => {
  const { binding, y } = slow()
  let most = 0
  // On a busy machine the loop may get few turns in one run; if runs blocked it, it would get as few in every one.
  for (let run = 0; most <= 10 && run < 50; run++) {
    let [ticks, done] = [0, false]
    const running = binding.run().finally(() => {
      done = true
    })
    while (!done) {
      await new Promise((resolve) => setImmediate(resolve))
      ticks++
    }
    await running
    most = Math.max(most, ticks)
  }
  expect(most).toBeGreaterThan(10)
  expect(y.data.some((value) => value !== 0)).toBe(true)
  for (const one of [binding, y]) one.dispose()
})

test('one run at a time: others are refused until it is done', async () => {
  const { binding, y } = slow()
  const run = binding.run()
  expect(binding.running).toBe(true)
  await expect(binding.run()).rejects.toEqual(code('binding_busy'))
  expect(() => binding.runSync()).toThrow(code('binding_busy'))
  expect(() => binding.set('y', y)).toThrow(code('binding_busy'))
  await run
  await binding.run()
  for (const one of [binding, y]) one.dispose()
})

test('two bindings of one session run at once and do not mix', async () => {
  using session = ort.session(dense())
  const pairs = Array.from({ length: 4 }, (_, i) => {
    const x = ort.tensor('float32', [1, 3], [i, i, i])
    const y = ort.tensor('float32', [1, 2])
    return { x, y, binding: session.bind({ inputs: { x }, outputs: { y } }) }
  })
  for (let round = 0; round < 50; round++) await Promise.all(pairs.map(({ binding }) => binding.run()))
  pairs.forEach(({ y }, i) => expect([...y.data]).toEqual([10 + 9 * i, 20 + 12 * i]))
  for (const { x, y, binding } of pairs) [x, y, binding].forEach((one) => one.dispose())
})

test('disposing of everything during a run takes effect when the run ends', async () => {
  const { binding, y } = slow()
  const run = binding.run()
  const { data } = y
  binding.dispose()
  y.dispose()
  expect(ort.live.binding).toBe(1)
  expect(data.length).toBeGreaterThan(0)
  await run
  expect(ort.live.binding).toBeUndefined()
  expect(data.length).toBe(0)
})

test('a disposed binding refuses, twice disposing is harmless', async () => {
  using session = ort.session(dense())
  using x = ort.tensor('float32', [1, 3])
  using y = ort.tensor('float32', [1, 2])
  const binding = session.bind({ inputs: { x }, outputs: { y } })
  binding.dispose()
  binding.dispose()
  expect(() => binding.runSync()).toThrow(code('disposed'))
  await expect(binding.run()).rejects.toEqual(code('disposed'))
  expect(() => binding.set('x', x)).toThrow(code('disposed'))
})

test.skipIf(process.platform !== 'linux')(
  'what the shared arena has free goes back to the system with a run that is told so, and the next one takes it anew',
  async () => {
    const [size, rows] = [64, 2 ** 18]
    const anonymous = (): number => 1024 * Number(/^RssAnon:\s+(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))![1])
    using weights = ort.weights()
    for (const name of ['w0', 'w1', 'w2']) weights.set(name, ort.tensor('float32', [size, size]))
    using session = ort.session(tower(3, size), { weights, arena: 'shared', memoryPattern: false, prepack: false })
    using x = ort.tensor('float32', [rows, size])
    using y = ort.tensor('float32', [rows, size])
    using first = x.view(0, [1, size])
    using answer = y.view(0, [1, size])
    using small = session.bind({ inputs: { x: first }, outputs: { y: answer } })
    using large = session.bind({ inputs: { x }, outputs: { y } })
    await large.run()
    const held = anonymous()
    await small.run()
    const between = 4 * rows * size
    expect(anonymous()).toBeGreaterThan(held - between / 4)
    await small.run({ shrink: true })
    expect(anonymous()).toBeLessThan(held - between / 2)
    y.data.fill(1)
    await large.run({ shrink: true })
    expect(y.data[0]).toBe(0)
  },
)
