import { readAdapter } from '@weft/adapters'
import { normal, param } from '@weft/methods'
import { trainingSpecSchema } from '@weft/protocol'
import { lettersHost } from '@weft/test/models/letters-host'
import { expect, test } from 'vitest'
import { runTraining } from './job.ts'

const host = lettersHost()

/** A training with a method that is prompt tuning but for a part of its plugin. */
const training = (part: object) => {
  const [promptTuning] = [...host().plugins].filter(({ id }) => id === 'prompt-tuning')
  const spec = trainingSpecSchema.parse({
    jobId: 'j',
    name: 'style/test',
    model: { name: 'base', fingerprint: host().model.fingerprint },
    method: 'prompt-tuning',
    config: { numVirtualTokens: 4 },
    task: 'CAUSAL_LM',
    hyperparameters: { batchSize: 4, maxSteps: 4, learningRate: 0.05 },
    seed: 5,
  })
  const rows = ['the whale', 'a boat and thread', 'weft', 'warp and waves'].map((text) => JSON.stringify({ text })).join('\n')
  return runTraining(spec, { training: rows, validation: rows }, { ...host(), plugins: [{ ...promptTuning, ...part } as never] })
}

test('a decode that fails loses nothing that was trained, and what encode leaves out is told', async () => {
  const { hiddenSize: H } = host().model.spec
  const rows = (n: number) => param([n, H], normal(0.5))
  const part = {
    params: () => ({ a: rows(2), spare: rows(2) }),
    encode: (g: any, { a }: any) => ({ inputsEmbeds: { rows: g.mul(a, 2) } }),
    decode: () => {
      throw new TypeError('decode trouble')
    },
  }
  const { adapter, verdict } = await training(part)
  expect(verdict.findings).toContainEqual(
    expect.objectContaining({
      code: 'decode_failed',
      level: 'warn',
      message: expect.stringMatching(/"prompt-tuning" .* its "decode" threw TypeError: decode trouble/),
    }),
  )
  expect(verdict.findings).toContainEqual(expect.objectContaining({ code: 'parameters_unused', message: expect.stringContaining('makes nothing of "spare"') }))
  const { params, manifest } = await readAdapter(adapter)
  expect(Object.keys(params)).toEqual(['a', 'spare'])
  expect(manifest.training!.verdict!.findings).toEqual(verdict.findings)
  await expect(training({ encode: () => ({}) })).rejects.toThrow(/its "encode" gave no tensor for this config/)
})
