import { rmSync } from 'node:fs'
import { type LoadedModel, loadModel } from '@weft/model'
import { openRuntime } from '@weft/ort'
import { branch, factors, lowRank, strong } from '@weft/test/cases/serving/in-layers'
import { randomTensor, writeTinyGemma3, writeTinyLlama } from '@weft/test/models/tiny-llama'
import { afterAll, describe, expect, test, vi } from 'vitest'
import * as deviceTensors from '../../device-tensor.ts'
import type { Engine, Named } from '../../engine.ts'
import { collect } from '../../generation/generate.ts'
import { type AttentionKernel, ModelSessions } from '../../model-sessions.ts'
import { openEngine } from '../../open-engine.ts'
import { createPrefixCache } from '../../prefix-cache/prefix-cache.ts'
import { DeviceCache } from './device-cache.ts'

vi.mock('../../device-tensor.ts', { spy: true })

/* A device's cache over CPU memory: the same graphs, the same runs, and views at the same offsets as on a card. */
const runtime = openRuntime()
const folders = [writeTinyLlama(), writeTinyGemma3(5)]
const models: LoadedModel[] = await Promise.all(folders.map((folder) => loadModel(folder)))
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true })
})
const noise = (n: number, seed: string) => randomTensor([2, 2, models[0].spec.numKeyValueHeads, n, 8], seed).data as Float32Array<ArrayBuffer>

describe.each(['fused', 'products'] as const)('rows of a device cache for %s attention', (attentionKernel: AttentionKernel) => {
  test('keep what was put in them while they move and the block grows', async () => {
    using sessions = await ModelSessions.open({ runtime, model: models[0], device: 'cpu', threads: 1, attentionKernel })
    using cache = new DeviceCache(sessions)
    await cache.reserve(2, 10)
    await cache.load(0, noise(5, 'a'), 5)
    await cache.load(1, noise(300 - 50, 'b'), 250)
    await cache.reserve(3, 300)
    expect([cache.rows, cache.slots]).toEqual([4, 512])
    expect(await cache.save(1, 250)).toEqual(noise(250, 'b'))
    cache.move(0, 2)
    await cache.load(0, noise(7, 'c'), 7)
    expect([await cache.save(0, 7), await cache.save(1, 250), await cache.save(2, 5)]).toEqual([noise(7, 'c'), noise(250, 'b'), noise(5, 'a')])
    const [first] = cache.layers(1, 2)
    expect(first.key.shape).toEqual(attentionKernel === 'fused' ? [2, 2, 512, 8] : [4, 2, 512, 8])
  })
})

test.each([0, 1])('a step of rows that do different things gives each what it gets alone in a host cache (%i)', async (index) => {
  const model = models[index]
  const { spec } = model
  const rows = randomTensor([3, spec.hiddenSize], 'rows', 0.4)
  const prefix = randomTensor([spec.numLayers, 2, spec.numKeyValueHeads, 4, spec.headDim], 'prefix')
  const named = (key: string, sites: object, segments: object[] = []): Named => ({ key, composed: { segments, sites, longestPrefix: 4 } as never })
  const asked: Named[] = [
    null,
    named('prefix', { keyValue: { prefix } }, [{ kind: 'rows', rows }]),
    named('strength', { keyValue: { prefix, bias: { shape: [4], data: new Float32Array(4).fill(Math.log(0.5)) } } }),
    named('biased', { keyValue: { prefix, keyBias: randomTensor([spec.numLayers, spec.numKeyValueHeads, 4], 'key bias') } }),
    named('lora', lowRank(spec, ['q_proj', 'down_proj'], 3, 'lora')),
    named('gated', { ...factors(spec, ['v_proj'], ['down_proj'], 'ia3'), ...strong(0.5, branch(spec, 4, 'gated')) }),
  ]
  const answer = async (engine: Engine, of: Named, i: number) => {
    const text = 'the weft is drawn in by the boat '.repeat(1 + i)
    const { tokens } = await collect(await engine.generate(of, { prompt: { text }, maxTokens: 8 + 2 * i, temperature: 0, topP: 1, topK: 0, stop: [] }))
    return tokens
  }
  const open = (over: object) =>
    openEngine(model, { runtime, device: 'cpu', threads: 1, fixed: createPrefixCache(1e8), maxBatch: 8, maxWaiting: 8, prefillChunk: 7, ...over })
  const [host, device] = [await open({}), await open({ attentionKernel: 'products' })]
  try {
    const together = await Promise.all(asked.map((of, i) => answer(device, of, i)))
    for (const [i, of] of asked.entries()) expect(together[i]).toEqual(await answer(host, of, i))
  } finally {
    await Promise.all([host.close(), device.close()])
  }
})

test('a block of memory that somebody else left full of what is no number is nobody’s answer', async () => {
  const made = deviceTensors.deviceTensor
  const left = vi.fn(async (...asked: Parameters<typeof made>) => {
    const tensor = await asked[0].idle().then(() => asked[0].deviceTensor(asked[1], asked[2]))
    ;(tensor.data as Float32Array).fill(Number.NaN)
    return tensor
  })
  const answer = async () => {
    const engine = await openEngine(models[0], {
      runtime,
      device: 'cpu',
      threads: 1,
      maxBatch: 2,
      maxWaiting: 8,
      prefillChunk: 16,
      fixed: createPrefixCache(1e6),
      attentionKernel: 'products',
    })
    try {
      return (await collect(await engine.generate(null, { prompt: { text: 'the weft' }, maxTokens: 6, temperature: 0, topP: 1, topK: 0, stop: [] }))).tokens
    } finally {
      await engine.close()
    }
  }
  const expected = await answer()
  vi.mocked(made).mockImplementation(left as typeof made)
  expect(await answer()).toEqual(expected)
  expect(left).toHaveBeenCalled()
})
