import { rmSync } from 'node:fs'
import { Random } from '@weft/adapters'
import { type LoadedModel, loadModel } from '@weft/model'
import { openRuntime } from '@weft/ort'
import { lowRank } from '@weft/test/cases/serving/in-layers'
import { writeTinyLlama } from '@weft/test/models/tiny-llama'
import { Mutex } from 'async-mutex'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { type AdapterTensors, adapterTensors } from '../compositions/adapter-tensors.ts'
import { bankBytes } from '../decoder/bank/bank-bytes.ts'
import { CacheBatch } from '../decoder/cache-batch.ts'
import { Forward } from '../decoder/forward.ts'
import { submitRows } from '../decoder/reading.ts'
import { tooManyWaiting } from '../errors.ts'
import { collect, eventsOf } from '../generation/generate.ts'
import { Row } from '../generation/row.ts'
import { ModelSessions } from '../model-sessions.ts'
import { EMPTY, type FixedPrefix } from '../sequence.ts'
import { Scheduler } from './scheduler.ts'

const folder = writeTinyLlama()
const runtime = openRuntime()
let model: LoadedModel
let sessions: ModelSessions
let forward: Forward

beforeAll(async () => {
  model = await loadModel(folder)
  sessions = await ModelSessions.open({ runtime, model, device: 'cpu', threads: 1 })
  forward = await Forward.open(sessions, new Mutex())
})
afterAll(async () => {
  forward[Symbol.dispose]()
  await sessions.close()
  rmSync(folder, { recursive: true })
})

const schedulerOf = (over: object = {}) => {
  const options = { maxBatch: 4, maxWaiting: 400, prefillChunk: 16, ...over }
  const batch = new CacheBatch(forward, options)
  const scheduler = new Scheduler(options, batch)
  return { scheduler, submit: (rows: readonly Row[], signal?: AbortSignal) => submitRows(scheduler, batch, rows, signal) }
}

const rowOf = (text: string, maxTokens: number, fixed: FixedPrefix | null = null): Row =>
  new Row({
    prompt: model.tokenizer!.encode(text),
    fixed,
    maxTokens,
    sampling: { temperature: 0 },
    stop: [],
    random: new Random('row'),
    tokenizer: model.tokenizer,
    limit: model.spec.maxPositions,
  })

/** Steps of the model that `work` takes, prompts and tokens alike. */
async function stepsOf(work: () => Promise<unknown>): Promise<number> {
  const spies = [vi.spyOn(forward, 'prefill'), vi.spyOn(forward, 'decode')]
  try {
    await work()
    return spies.reduce((sum, { mock }) => sum + mock.calls.length, 0)
  } finally {
    for (const spy of spies) spy.mockRestore()
  }
}

const inLayers = (rank: number, seed: string): AdapterTensors =>
  adapterTensors({ segments: [], longestPrefix: 0, sites: lowRank(model.spec, ['q_proj', 'v_proj'], rank, seed) }, model.spec)!
const behind = (layers: AdapterTensors): FixedPrefix => ({ ...EMPTY, layers })

test('after 200 requests that were abandoned, the next is answered as if it were the first', async () => {
  const { scheduler, submit } = schedulerOf()
  const gone = new AbortController()
  const abandoned = Array.from({ length: 200 }, (_, i) => rowOf(`abandoned ${i}`, 300))
  for (const row of abandoned) submit([row], gone.signal)
  for await (const event of abandoned[0]!.events) if ('token' in event) break
  expect(scheduler.load.waiting).toBeGreaterThan(190)
  gone.abort()
  expect(scheduler.load.waiting).toBe(0)
  const next = rowOf('the next one', 5)
  const steps = await stepsOf(async () => {
    submit([next])
    expect((await collect(eventsOf(next))).tokens).toHaveLength(5)
  })
  // Its prompt, four further tokens, and at most the step that was under way.
  expect(steps).toBeLessThanOrEqual(5 + 1)
  for (const row of abandoned) expect((await collect(row.events)).finishReason).toBe('cancelled')
  await scheduler.idle()
})

test('a row that is aborted for a reason tells its reader', async () => {
  const { scheduler, submit } = schedulerOf()
  const row = rowOf('late', 300)
  const late = new AbortController()
  submit([row], late.signal)
  late.abort(tooManyWaiting('3 requests already wait'))
  await expect(collect(eventsOf(row))).rejects.toMatchObject({ code: 'too_many_waiting' })
  await scheduler.idle()
})

test('a row that does not fit beside the others is passed by those that do, and not for ever', async () => {
  const [one, other] = [inLayers(4, 'one'), inLayers(24, 'other')]
  // Beside the first three bare rows fit; the second fits alone.
  const layerBytes = bankBytes([one, null, null, null])
  expect(bankBytes([one, other])).toBeGreaterThan(layerBytes)
  const { scheduler, submit } = schedulerOf({ layerBytes })
  const finished: string[] = []
  const ask = async (name: string, row: Row) => {
    submit([row])
    const answer = await collect(eventsOf(row))
    finished.push(name)
    return answer.tokens
  }
  const long = ask('long', rowOf('a long one', 120, behind(one)))
  const large = ask('large', rowOf('a large one', 2, behind(other)))
  const small = Array.from({ length: 40 }, (_, i) => ask(`small ${i}`, rowOf(`small ${i}`, 2)))
  const tokens = await large
  expect(finished.indexOf('small 0')).toBeGreaterThanOrEqual(0)
  expect(finished.filter((name) => name.startsWith('small')).length).toBeLessThanOrEqual(16)
  expect(finished).toContain('long')
  await Promise.all([long, ...small])
  const alone = rowOf('a large one', 2, behind(other))
  submit([alone])
  expect((await collect(eventsOf(alone))).tokens).toEqual(tokens)
  await scheduler.idle()
})

test("a long prompt holds a row that answers up by one chunk at most, and another tenant's short one does not wait for its end", async () => {
  const { scheduler, submit } = schedulerOf({ prefillChunk: 32 })
  const of = (tokens: number, maxTokens: number, tenant: string): Row =>
    new Row({ ...rowOf('x', maxTokens).request, prompt: Array.from({ length: tokens }, (_, i) => 1 + (i % 40)), asker: { tenant } })
  const answering = of(4, 60, 'a')
  submit([answering])
  for await (const event of answering.events) if ('token' in event) break
  const [prefill, decode] = [vi.spyOn(forward, 'prefill'), vi.spyOn(forward, 'decode')]
  const [long, short] = [of(120, 2, 'b'), of(4, 2, 'c')]
  submit([long])
  submit([short])
  const ended: string[] = []
  await Promise.all([collect(eventsOf(long)).then(() => ended.push('long')), collect(eventsOf(short)).then(() => ended.push('short'))])
  const runs = [
    ...prefill.mock.calls.map(([, , , from, to], i) => ({ at: prefill.mock.invocationCallOrder[i], tokens: to - from })),
    ...decode.mock.invocationCallOrder.map((at) => ({ at, tokens: 0 })),
  ].sort((a, b) => a.at - b.at)
  prefill.mockRestore()
  decode.mockRestore()
  expect(ended).toEqual(['short', 'long'])
  let between = 0
  for (const { tokens } of runs) {
    between = tokens === 0 ? 0 : between + tokens
    expect(between).toBeLessThanOrEqual(32)
  }
  expect(runs.filter(({ tokens }) => tokens > 0).length).toBeGreaterThanOrEqual(5)
  answering.end('cancelled')
  await scheduler.idle()
})

test('rows that join and leave in every order answer as each alone', async () => {
  const asked = Array.from({ length: 24 }, (_, i) => ({
    text: `row ${i} `.repeat(1 + ((i * 7) % 9)),
    tokens: 1 + ((i * 5) % 11),
    asker: { tenant: `t${i % 3}`, priority: i % 2 },
  }))
  const row = ({ text, tokens, asker }: (typeof asked)[number]): Row => new Row({ ...rowOf(text, tokens).request, asker })
  const { scheduler, submit } = schedulerOf({ prefillChunk: 17 })
  const together = await Promise.all(
    asked.map((each) => {
      const one = row(each)
      submit([one])
      return collect(eventsOf(one))
    }),
  )
  for (const [i, each] of asked.entries()) {
    const one = row(each)
    submit([one])
    expect((await collect(eventsOf(one))).tokens, each.text).toEqual(together[i].tokens)
  }
  await scheduler.idle()
})

test('what was read, decoded and refused is counted', async () => {
  const { scheduler, submit } = schedulerOf({ maxBatch: 1, maxWaiting: 1, prefillChunk: 8 })
  const rows = ['one', 'two', 'three'].map((text) => rowOf(text, 4))
  submit([rows[0]])
  submit([rows[1]])
  expect(() => submit([rows[2]])).toThrow(expect.objectContaining({ code: 'too_many_waiting' }))
  rows[1].end('cancelled')
  await collect(eventsOf(rows[0]))
  await scheduler.idle()
  const { prompt } = rows[0].request
  expect(scheduler.counts).toEqual({
    active: 0,
    waiting: 0,
    waitingTokens: 0,
    readTokens: prompt.length,
    // The first token is the prompt's.
    decodedTokens: 3,
    steps: 3,
    refused: 1,
  })
})
