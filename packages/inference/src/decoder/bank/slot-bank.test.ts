import { rmSync } from 'node:fs'
import { type AdapterInput, type AdapterState, type ModelSpec, Random } from '@weft/adapters'
import { loadModel } from '@weft/model'
import { openRuntime, type Session } from '@weft/ort'
import { branch, factors, lowRank } from '@weft/test/cases/serving/in-layers'
import { writeTinyLlama } from '@weft/test/models/tiny-llama'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type AdapterTensors, adapterTensors, unionOf } from '../../compositions/adapter-tensors.ts'
import type { BoundTensors } from '../../shared-tensors.ts'
import { bankBytes } from './bank-bytes.ts'
import { SlotBank } from './slot-bank.ts'

const folder = writeTinyLlama()
const runtime = openRuntime()
let spec: ModelSpec
beforeAll(async () => {
  spec = (await loadModel(folder)).spec
})
afterAll(() => {
  runtime.dispose()
  expect(runtime.live).toEqual({})
  rmSync(folder, { recursive: true })
})

/** The bank asks a session for nothing but where it is. */
const session = { device: 'cpu' } as Session

const tensorsOf = (sites: AdapterState): AdapterTensors => adapterTensors({ segments: [], longestPrefix: 0, sites }, spec)!

/** The same, and how often its numbers were asked for. */
function counted(layers: AdapterTensors): { layers: AdapterTensors; reads(): number } {
  let reads = 0
  const inputs = new Map(
    [...layers.inputs].map(([name, input]): [string, AdapterInput] => {
      const { shape, data } = input.tensor
      const tensor = {
        shape,
        get data() {
          reads++
          return data
        },
      }
      return [name, { ...input, tensor }]
    }),
  )
  return { layers: { ...layers, inputs }, reads: () => reads }
}

/** What each row of a batch that has a slot of a site finds in its banks. */
const numbers = (bound: readonly BoundTensors[]): Record<string, number[]> =>
  Object.fromEntries(
    bound.flatMap((tensors) => {
      const [index, rows] = Object.entries(tensors).find(([, { dtype }]) => dtype === 'int64')!
      return Object.entries(tensors)
        .filter(([name]) => name !== index)
        .flatMap(
          ([
            name,
            {
              data,
              shape: [slots, ...shape],
            },
          ]) =>
            Array.from(rows.data as BigInt64Array, (row, slot): [string, number[]] => {
              const size = data.length / slots!
              return [`${name} ${shape} of row ${row}`, Array.from((data as Float32Array).subarray(slot * size, (slot + 1) * size))]
            }),
        )
    }),
  )

test('only rows that have a site have a slot there', async () => {
  using bank = new SlotBank(runtime)
  const [lora, ia3] = [tensorsOf(lowRank(spec, ['q_proj'], 2, 'lora')), tensorsOf(factors(spec, ['k_proj'], [], 'ia3'))]
  const rowsOf = async (...rows: (AdapterTensors | null)[]) =>
    Object.fromEntries(
      (await bank.of(session, unionOf([lora.slots, ia3.slots]), rows)).flatMap((tensors) =>
        Object.entries(tensors).map(([name, { data, shape }]) => [name, data instanceof BigInt64Array ? Array.from(data, Number).sort() : shape[0]]),
      ),
    )
  expect(await rowsOf(null, lora, ia3, null, lora)).toMatchObject({
    'linear.rows_with_slots': [1, 4],
    'scale.rows_with_slots': [2],
    'linear.model.layers.0.self_attn.q_proj.a': 2,
    'scale.model.layers.0.self_attn.k_proj.out': 1,
  })
  // A session that stands in for another has a site that no row has: the first row has a slot there, whose factors are ones.
  expect(await rowsOf(null, lora)).toMatchObject({ 'linear.rows_with_slots': [1], 'scale.rows_with_slots': [0] })
  const factor = 'scale.model.layers.0.self_attn.k_proj.out'
  const tensors = (await bank.of(session, unionOf([lora.slots, ia3.slots]), [null, lora])).find((tensors) => factor in tensors)!
  expect((tensors[factor]!.data as Float32Array).every((value) => value === 1)).toBe(true)
})

test('whichever rows came, moved and left before, slots hold what they hold in a new bank', async () => {
  const widest = tensorsOf({
    ...lowRank(spec, ['q_proj', 'v_proj'], 8, 'widest', { bias: true }),
    ...factors(spec, ['k_proj'], ['down_proj'], 'widest'),
    ...branch(spec, 4, 'widest'),
  })
  const kinds = [
    ...[1, 3, 5, 8].map((rank) => tensorsOf(lowRank(spec, ['q_proj', 'v_proj'], rank, `rank ${rank}`))),
    ...['a', 'b', 'c'].map((seed) => tensorsOf(lowRank(spec, ['v_proj'], 8, seed))),
    tensorsOf(factors(spec, ['k_proj'], [], 'factors')),
    tensorsOf(branch(spec, 3, 'gated')),
    null,
  ]
  const random = new Random('rows')
  using bank = new SlotBank(runtime)
  // The first stays, so that both banks are as wide.
  let rows: (AdapterTensors | null)[] = [widest]
  for (let step = 0; step < 60; step++) {
    if (random.uniform() < 0.6) rows = [...rows, ...Array.from({ length: 1 + random.integer(3) }, () => kinds[random.integer(kinds.length)]!)]
    else if (rows.length > 1) {
      const left = 1 + random.integer(rows.length - 1)
      const last = rows.at(-1)!
      rows = rows.slice(0, -1).map((row, i) => (i === left ? last : row))
    }
    using fresh = new SlotBank(runtime)
    expect(numbers(await bank.of(session, widest.slots, rows)), `step ${step}`).toEqual(numbers(await fresh.of(session, widest.slots, rows)))
  }
  expect(rows.length).toBeGreaterThan(16)
})

test('an adapter is read when it comes, and no more: not when its row moves, nor when others need more room, nor when it comes back', async () => {
  const made = ['a', 'b', 'c', 'd', 'e'].map((seed) => counted(tensorsOf(lowRank(spec, ['q_proj', 'v_proj'], 3, seed))))
  const [a, b, c, d, e] = made.map(({ layers }) => layers) as [AdapterTensors, AdapterTensors, AdapterTensors, AdapterTensors, AdapterTensors]
  const reads = () => made.map(({ reads }) => reads())
  using bank = new SlotBank(runtime)
  await bank.of(session, a.slots, [a, b])
  const [once] = reads() as [number]
  expect(reads()).toEqual([once, once, 0, 0, 0])
  await bank.of(session, a.slots, [a, b, c, d, e])
  expect(reads()).toEqual([once, once, once, once, once])
  await bank.of(session, a.slots, [a, e, c, d])
  await bank.of(session, a.slots, [a, e, d])
  await bank.of(session, a.slots, [null, null])
  await bank.of(session, a.slots, [c, b, null, a])
  expect(reads()).toEqual([once, once, once, once, once])
})

test('what is beyond the most that may be held is given back when something else needs room', async () => {
  const [loras, gated] = [16, 16].map((count, kind) =>
    Array.from({ length: count }, (_, i) => tensorsOf(kind ? branch(spec, 4, `gated ${i}`) : lowRank(spec, ['q_proj'], 4, `lora ${i}`))),
  ) as [AdapterTensors[], AdapterTensors[]]
  const layers = unionOf([loras[0]!.slots, gated[0]!.slots])
  using bank = new SlotBank(runtime, 20 * gated[0]!.bytes)
  using roomy = new SlotBank(runtime)
  const all = async (rows: AdapterTensors[]) => {
    const [a, b] = [await bank.of(session, layers, rows), await roomy.of(session, layers, rows)]
    expect(numbers(a)).toEqual(numbers(b))
    return [bank.bytes, roomy.bytes]
  }
  const needs = (rows: AdapterTensors[]): number => 1.1 * bankBytes(rows)
  await all(loras)
  const { version } = bank
  const [held, kept] = (await all([loras[3]!, ...gated])) as [number, number]
  expect(bank.version).toBeGreaterThan(version)
  expect(held).toBeLessThan(needs([loras[3]!, ...gated]))
  expect(kept).toBeGreaterThan(held)
})
