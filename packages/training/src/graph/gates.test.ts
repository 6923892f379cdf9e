import { readAdapter } from '@weft/adapters'
import { type TrainingSpec, trainingSpecSchema } from '@weft/protocol'
import { lettersHost } from '@weft/test/models/letters-host'
import { expect, test } from 'vitest'
import { runJointTraining } from '../joint/job.ts'
import { runTraining } from '../run/job.ts'

const host = lettersHost()

const spec = (config: object): TrainingSpec =>
  trainingSpecSchema.parse({
    jobId: 'j',
    name: 'check/test',
    model: { name: 'base', fingerprint: host().model.fingerprint },
    method: 'lora',
    config: { r: 2, ...config },
    task: 'CAUSAL_LM',
    hyperparameters: { batchSize: 4, maxSteps: 6, learningRate: 0.05 },
    seed: 5,
  })
const files = {
  training: ['the sea', 'a whale', 'the weft', 'a thread'].map((text) => JSON.stringify({ prompt: `${text} Q:`, completion: ' yes' })).join('\n'),
}
const tokens = (text: string): number[] => host().model.tokenizer!.encode(text, { addSpecialTokens: false })

test('an invocation that was said in text is stored in tokens, and trained behind', async () => {
  const { adapter } = await runTraining(spec({ aloraInvocation: 'Q:' }), files, host())
  const { manifest, state } = await readAdapter(adapter, { model: host().model.spec, base: host().model })
  expect(manifest.config).toMatchObject({ aloraInvocation: 'Q:', aloraInvocationTokens: tokens('Q:') })
  expect(Object.keys(state)).toEqual(['activatedLinear'])
  const b = Object.entries(state.activatedLinear).find(([name]) => name.endsWith('.b'))![1]
  expect(b.data.some((value) => value !== 0)).toBe(true)
})

test('beside others in one batch each is what it is alone', async () => {
  const specs = [spec({ aloraInvocation: 'Q:' }), spec({}), spec({ aloraInvocationTokens: tokens('e') })]
  const together = await runJointTraining(
    specs.map((each) => ({ spec: each, files })),
    host(),
  )
  for (const [i, each] of specs.entries()) {
    const alone = await readAdapter((await runTraining(each, files, host())).adapter, { model: host().model.spec })
    const result = together[i]
    if (result.status === 'rejected') throw result.reason
    const joint = await readAdapter(result.value.adapter, { model: host().model.spec })
    for (const [site, tensors] of Object.entries(alone.state))
      for (const [name, { data }] of Object.entries(tensors))
        for (const [at, value] of data.entries()) expect(joint.state[site][name].data[at], name).toBeCloseTo(value, 4)
  }
})

test('what no row holds is refused: nothing would be learned', async () => {
  await expect(runTraining(spec({ aloraInvocation: 'seaseasea' }), files, host())).rejects.toMatchObject({
    code: 'invocation_in_no_row',
    param: 'training_file',
  })
})
