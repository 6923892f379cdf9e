import { rmSync } from 'node:fs'
import type { FloatTensor } from '@weft/adapters'
import { loadModel } from '@weft/model'
import { openRuntime } from '@weft/ort'
import { randomTensor, writeTinyLlama } from '@weft/test/models/tiny-llama'
import { afterAll, expect, test } from 'vitest'
import type { Engine, Named } from '../../engine.ts'
import { collect } from '../../generation/generate.ts'
import { openEngine } from '../../open-engine.ts'
import { createPrefixCache } from '../../prefix-cache/prefix-cache.ts'

const folder = writeTinyLlama()
const runtime = openRuntime()
afterAll(() => rmSync(folder, { recursive: true }))

/** What an adapter that has grown beyond all measure computes. */
const beyond = ({ shape, data }: FloatTensor): FloatTensor => ({ shape, data: data.map((value, i) => (i % 3 === 0 ? Number.NaN : value)) })
const spoiling: Record<string, NonNullable<Named>['composed']> = {
  prefix: { segments: [], sites: { keyValue: { prefix: beyond(randomTensor([2, 2, 2, 6, 8], 'prefix')) } }, longestPrefix: 6 },
  rows: { segments: [{ kind: 'rows', rows: beyond(randomTensor([5, 32], 'rows')) }], sites: {}, longestPrefix: 0 },
}

const generated = async (engine: Engine, named: Named, text: string, signal?: AbortSignal) =>
  (await collect(await engine.generate(named, { prompt: { text }, maxTokens: 6, temperature: 0, topP: 1, topK: 0, stop: [] }, signal))).tokens

test.each(
  (['fused', 'products'] as const).flatMap((attentionKernel) => Object.entries(spoiling).map(([name, composed]) => [attentionKernel, name, composed] as const)),
)('%s attention: what %s that are no numbers leave in the cache is nobody else’s', async (attentionKernel, name, composed) => {
  const model = await loadModel(folder)
  const options = { runtime, device: 'cpu', threads: 1, maxBatch: 2, maxWaiting: 8, prefillChunk: 16, attentionKernel } as const
  const engine = await openEngine(model, { ...options, fixed: createPrefixCache(1e6) })
  const asked = async () => ({ tokens: await generated(engine, null, 'the a'), scored: (await engine.score(null, { texts: ['the a'] })).results })
  const before = await asked()
  const bad = { key: name, composed }
  const long = 'the weft is drawn in the warp and so it goes, on and on'
  for (let time = 0; time < 2; time++) {
    await expect(generated(engine, bad, long)).rejects.toMatchObject({ code: 'logits_not_finite' })
    await expect(engine.score(bad, { texts: [long] })).rejects.toMatchObject({ code: 'logits_not_finite' })
    expect(await asked()).toEqual(before)
  }
  const together = await Promise.allSettled([bad, null, bad, null, null, null].map((named) => generated(engine, named, 'the a')))
  expect(together.map((each) => (each.status === 'fulfilled' ? each.value : each.reason.code))).toEqual(
    [bad, null, bad, null, null, null].map((named) => (named ? 'logits_not_finite' : before.tokens)),
  )
  await engine.close()
})
