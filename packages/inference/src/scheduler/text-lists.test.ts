import { rmSync } from 'node:fs'
import { setImmediate } from 'node:timers/promises'
import { loadModel } from '@weft/model'
import { openRuntime } from '@weft/ort'
import { writeTinyBert } from '@weft/test/models/tiny-bert'
import { writeTinyLlama } from '@weft/test/models/tiny-llama'
import { writeTinyT5 } from '@weft/test/models/tiny-t5'
import { afterAll, expect, test, vi } from 'vitest'
import type { Asked, Engine } from '../engine.ts'
import { openEngine } from '../open-engine.ts'
import { createPrefixCache } from '../prefix-cache/prefix-cache.ts'
import type { Asker } from './asker.ts'
import { TextLists, textListOf } from './text-lists.ts'

const folders = { llama: writeTinyLlama(), bert: writeTinyBert(), t5: writeTinyT5() }
const runtime = openRuntime()
afterAll(() => {
  for (const folder of Object.values(folders)) rmSync(folder, { recursive: true })
})

const options = { runtime, device: 'cpu', threads: 1, fixed: createPrefixCache(1e6), maxBatch: 4, maxWaiting: 64, prefillChunk: 64 } as const
const open = async (of: keyof typeof folders, over: object = {}): Promise<Engine> => openEngine(await loadModel(folders[of]), { ...options, ...over })

const texts = (count: number) => Array.from({ length: count }, (_, i) => `boat ${i}`)
const head = { key: 'head', composed: { segments: [], sites: { head: { weight: { shape: [2, 32], data: new Float32Array(64) } } }, longestPrefix: 0 } } as Asked
const both = { operator: 'ensemble', operands: [1, 2].map(() => ({ weight: 0.5, named: head })) } as Asked

type Call = (engine: Engine, count: number, asker?: Asker, signal?: AbortSignal) => Promise<unknown>
const embed: Call = (engine, count, asker = {}, signal) => engine.embed(null, texts(count), asker, signal)
const calls: Record<string, { of: keyof typeof folders; call: Call }> = {
  'vectors of a decoder': { of: 'llama', call: embed },
  'classes of a decoder': { of: 'llama', call: (engine, count, asker, signal) => engine.classify(head as never, texts(count), asker, signal) },
  'scores of a decoder': { of: 'llama', call: (engine, count, asker, signal) => engine.score(null, { texts: texts(count), ...asker }, signal) },
  'scores by several': { of: 'llama', call: (engine, count, asker, signal) => engine.score(both, { texts: texts(count), ...asker }, signal) },
  'vectors of an encoder': { of: 'bert', call: embed },
  'scores of an encoder-decoder': { of: 't5', call: (engine, count, asker, signal) => engine.score(null, { texts: texts(count), ...asker }, signal) },
}

/** Names in the order in which their requests ended. */
async function ended(asked: Record<string, () => Promise<unknown>>): Promise<string[]> {
  const order: string[] = []
  await Promise.all(Object.entries(asked).map(([name, ask]) => ask().then(() => order.push(name))))
  return order
}

test.each(Object.entries(calls))('equal lists of a tenant end one after another, and short and urgent ones behind none: %s', async (_, { of, call }) => {
  const engine = await open(of)
  const order = await ended({
    first: () => call(engine, 40),
    second: () => call(engine, 40),
    third: () => call(engine, 40),
    short: () => call(engine, 2),
    one: () => call(engine, 1),
    urgent: () => call(engine, 20, { priority: -1 }),
    other: () => call(engine, 20, { tenant: 'b' }),
  })
  expect(order.filter((name) => ['first', 'second', 'third'].includes(name))).toEqual(['first', 'second', 'third'])
  for (const name of ['short', 'one', 'urgent', 'other']) expect(order.indexOf(name), name).toBeLessThan(order.indexOf('second'))
  await engine.close()
})

test.each(['llama', 't5'] as const)('choices of one question wait behind no list, however often it is asked: %s', async (of) => {
  const engine = await open(of)
  const list = () => engine.score(null, { texts: texts(100) })
  const order = await ended({
    ...{ first: list, second: list },
    questions: async () => {
      for (let question = 0; question < 3; question++) await engine.score(null, { texts: texts(20), prompt: 'a', answers: true })
    },
    choices: () => engine.score(null, { texts: texts(65), prompt: 'a', answers: true }),
  })
  expect(order.indexOf('questions')).toBeLessThan(order.indexOf('second'))
  expect(order.at(-1)).toBe('choices')
  await engine.close()
})

test.each(Object.entries(calls))('lists that wait are told as requests that wait: %s', async (_, { of, call }) => {
  const engine = await open(of)
  const all = [1, 2, 3].map(() => call(engine, 40))
  await setImmediate()
  expect(engine.load.waiting).toBeGreaterThanOrEqual(2)
  expect(engine.counts.waiting).toBe(engine.load.waiting)
  await Promise.all(all)
  expect(engine.load).toEqual({ active: 0, waiting: 0 })
  await engine.close()
})

test('a list waits for no longer one of its tenant', async () => {
  const engine = await open('llama')
  const order = await ended({ long: () => embed(engine, 300), longer: () => embed(engine, 300), medium: () => embed(engine, 30) })
  expect(order).toEqual(['medium', 'long', 'longer'])
  await engine.close()
})

test('lists that wait have a bound of texts; what is too much is told when to ask again', async () => {
  const engine = await open('llama', { maxWaiting: 10 })
  // 160 texts may wait: as many as ten short lists have.
  const taken = [1, 2, 3].map(() => embed(engine, 80))
  await expect(embed(engine, 80)).rejects.toMatchObject({
    code: 'too_many_waiting',
    status: 429,
    message: expect.stringContaining('Lists of 160 texts already wait for this model, and 160 may.'),
    details: { retry_after: expect.any(Number) },
  })
  expect(engine.counts).toMatchObject({ waiting: 2, refused: 1 })
  await embed(engine, 16)
  await Promise.all(taken)
  // Another tenant has the half, and a list that is the first to wait is taken whatever it has.
  const other = [200, 200].map((count) => embed(engine, count, { tenant: 'b' }))
  await expect(embed(engine, 200, { tenant: 'b' })).rejects.toMatchObject({ code: 'too_many_waiting' })
  await embed(engine, 40, { tenant: 'c' })
  await Promise.all(other)
  expect(engine.counts.waiting).toBe(0)
  await engine.close()
})

test('a bound of tokens holds for lists too', async () => {
  const engine = await open('llama', { maxWaitingTokens: 500 })
  const taken = [1, 2].map(() => embed(engine, 200))
  await expect(embed(engine, 200)).rejects.toMatchObject({ code: 'too_many_waiting', message: expect.stringMatching(/about \d+ tokens already wait/) })
  await Promise.all(taken)
  await engine.close()
})

test('who leaves the line is not waited for, and who is under way makes room when it leaves', async () => {
  const engine = await open('llama')
  const [first, second] = [new AbortController(), new AbortController()]
  const left = [embed(engine, 600, {}, first.signal), embed(engine, 600, {}, second.signal)]
  const outcomes = Promise.allSettled(left)
  const third = embed(engine, 260)
  await setImmediate()
  expect(engine.counts.waiting).toBe(2)
  second.abort(new Error('left'))
  await expect(left[1]).rejects.toThrow('left')
  expect(engine.counts.waiting).toBe(1)
  first.abort(new Error('left'))
  await third
  expect((await outcomes).every(({ status }) => status === 'rejected')).toBe(true)
  await engine.close()
})

test('how long lists will take is told by what was read of them, and before that by the pace of all else', async () => {
  let now = 1000
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => now)
  try {
    const lists = new TextLists()
    const hundred = textListOf({}, { texts: texts(20).map(() => 'x'.repeat(15)) })!
    expect(hundred.tokens).toBe(100)
    const { promise: done, resolve: end } = Promise.withResolvers<void>()
    const all = [1, 2, 3].map(() => lists.run(hundred, () => done))
    expect(lists.seconds(0)).toBe(0)
    expect(lists.seconds(100)).toBeCloseTo(3)
    now += 5000
    lists.observe(50)
    // Ten a second: half of the first is left.
    expect(lists.seconds(100)).toBeCloseTo(25)
    end()
    await Promise.all(all)
    now += 60_000
    const next = lists.run(hundred, async () => {})
    expect(lists.seconds(100)).toBeCloseTo(10)
    await next
  } finally {
    clock.mockRestore()
  }
})
