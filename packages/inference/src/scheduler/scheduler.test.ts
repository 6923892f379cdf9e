import { rmSync } from 'node:fs'
import { Random } from '@weft/adapters'
import { type LoadedModel, loadModel } from '@weft/model'
import { openRuntime } from '@weft/ort'
import { lowRank } from '@weft/test/cases/serving/in-layers'
import { writeTinyLlama } from '@weft/test/models/tiny-llama'
import { Mutex } from 'async-mutex'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { type AdapterTensors, adapterTensors } from '../compositions/adapter-tensors.ts'
import { Forward } from '../decoder/forward.ts'
import { bankBytes } from '../decoder/slot-bank.ts'
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

const schedulerOf = (over: object = {}) => new Scheduler(forward, { maxBatch: 4, maxWaiting: 400, prefillChunk: 16, ...over })

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
  const scheduler = schedulerOf()
  const gone = new AbortController()
  const abandoned = Array.from({ length: 200 }, (_, i) => rowOf(`abandoned ${i}`, 300))
  for (const row of abandoned) scheduler.submit([row], gone.signal)
  for await (const event of abandoned[0]!.events) if ('token' in event) break
  expect(scheduler.load.waiting).toBeGreaterThan(190)
  gone.abort()
  expect(scheduler.load.waiting).toBe(0)
  const next = rowOf('the next one', 5)
  const steps = await stepsOf(async () => {
    scheduler.submit([next])
    expect((await collect(eventsOf(next))).tokens).toHaveLength(5)
  })
  // Its prompt, four further tokens, and at most the step that was under way.
  expect(steps).toBeLessThanOrEqual(5 + 1)
  for (const row of abandoned) expect((await collect(row.events)).finishReason).toBe('cancelled')
  await scheduler.idle()
})

test('a row that is aborted for a reason tells its reader', async () => {
  const scheduler = schedulerOf()
  const row = rowOf('late', 300)
  const late = new AbortController()
  scheduler.submit([row], late.signal)
  late.abort(tooManyWaiting(3))
  await expect(collect(eventsOf(row))).rejects.toMatchObject({ code: 'too_many_waiting' })
  await scheduler.idle()
})

test('a row that does not fit beside the others is passed by those that do, and not for ever', async () => {
  const [one, other] = [inLayers(4, 'one'), inLayers(24, 'other')]
  // Beside the first three bare rows fit; the second fits alone.
  const layerBytes = bankBytes([one, null, null, null])
  expect(bankBytes([one, other])).toBeGreaterThan(layerBytes)
  const scheduler = schedulerOf({ layerBytes })
  const finished: string[] = []
  const ask = async (name: string, row: Row) => {
    scheduler.submit([row])
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
  scheduler.submit([alone])
  expect((await collect(eventsOf(alone))).tokens).toEqual(tokens)
  await scheduler.idle()
})
