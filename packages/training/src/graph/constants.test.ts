import { floatTensor, readAdapter } from '@weft/adapters'
import { fromVocabulary, type Plugin, param } from '@weft/methods'
import { trainingSpecSchema } from '@weft/protocol'
import { lettersHost } from '@weft/test/models/letters-host'
import { expect, test } from 'vitest'
import * as z from 'zod/mini'
import { runJointTraining } from '../joint/job.ts'
import { runTraining } from '../run/job.ts'

const host = lettersHost()
const files = { training: ['the sea', 'a whale', 'the weft', 'a thread'].map((text) => JSON.stringify({ text: `${text} and waves` })).join('\n') }

/** A prompt, and vectors that are added to the stream: as constants, as parameters that stay as they are, or as none. */
const prompt = (vectors: 'constants' | 'parameters' | 'none', value = 3): Plugin => {
  const H = host().model.spec.hiddenSize
  const vector = floatTensor([H], new Float32Array(H).fill(value))
  return {
    id: 'mine',
    sites: ['inputsEmbeds', 'residual'],
    config: z.strictObject({}),
    params: () => ({
      rows: param([2, H], fromVocabulary()),
      ...(vectors === 'parameters' && { vector: param([H], () => vector.data.slice(), { trainable: false }) }),
    }),
    encode: (_, { rows, vector }) => ({ inputsEmbeds: { rows }, ...(vector && { residual: { '0.vector': vector } }) }),
    ...(vectors === 'constants' && { constants: () => ({ residual: { '0.vector': vector } }) }),
  }
}

const spec = () =>
  trainingSpecSchema.parse({
    jobId: 'j',
    name: 'constants/test',
    model: { name: 'base', fingerprint: host().model.fingerprint },
    method: 'mine',
    config: {},
    task: 'CAUSAL_LM',
    hyperparameters: { batchSize: 4, maxSteps: 6, learningRate: 0.05 },
    seed: 5,
  })
const train = (plugin: Plugin) => runTraining(spec(), { ...files, validation: files.training }, { ...host(), plugins: [plugin] })

test('what a method knows without training acts in every loss, as it does when it is served', async () => {
  const [known, held, without] = [await train(prompt('constants')), await train(prompt('parameters')), await train(prompt('none'))]
  expect(known.loss).toBeCloseTo(held.loss, 5)
  expect(known.metrics.loss).toBeCloseTo(held.metrics.loss, 5)
  expect(known.verdict.metrics.loss).toBeCloseTo(held.verdict.metrics.loss, 5)
  expect(known.metrics.loss).not.toBeCloseTo(without.metrics.loss, 2)
  const [a, b] = [await readAdapter(known.adapter), await readAdapter(held.adapter)]
  expect(a.state.residual['0.vector']).toEqual(b.state.residual['0.vector'])
})

test('constants that stand before the tokens have their place, also beside others in one batch', async () => {
  const { numLayers: L, numKeyValueHeads: K, headDim: D, hiddenSize: H } = host().model.spec
  const prefix = floatTensor([L, 2, K, 3, D], new Float32Array(L * 2 * K * 3 * D).fill(0.5))
  const plugin: Plugin = {
    id: 'mine',
    sites: ['inputsEmbeds', 'keyValue'],
    config: z.strictObject({}),
    params: () => ({ rows: param([2, H], fromVocabulary()) }),
    encode: (_, { rows }) => ({ inputsEmbeds: { rows } }),
    constants: () => ({ keyValue: { prefix } }),
  }
  const alone = await train(plugin)
  const beside = await runJointTraining(
    [1, 2].map(() => ({ spec: spec(), files: { ...files, validation: files.training } })),
    { ...host(), plugins: [plugin] },
  )
  for (const result of beside) {
    if (result.status === 'rejected') throw result.reason
    expect(result.value.metrics.loss).toBeCloseTo(alone.metrics.loss, 4)
  }
  expect((await readAdapter(alone.adapter)).state.keyValue.prefix).toEqual(prefix)
})
