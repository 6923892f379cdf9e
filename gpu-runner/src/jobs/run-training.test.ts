import type { Models } from '@weft/inference/models'
import { trainingSpecSchema } from '@weft/protocol'
import { tinyHost } from '@weft/test/models/tiny-host'
import { releaseActivations } from '@weft/training'
import { expect, test, vi } from 'vitest'
import type { JobRun } from './queue.ts'
import { trainingOn } from './run-training.ts'

vi.mock('@weft/training', async (original) => ({ ...((await original()) as object), releaseActivations: vi.fn() }))
const { releaseActivations: release } = await vi.importActual<typeof import('@weft/training')>('@weft/training')

const host = tinyHost()
const released = vi.mocked(releaseActivations)

const runOf = (name: string, more: object = {}, signal = new AbortController().signal): JobRun => ({
  request: {
    spec: trainingSpecSchema.parse({
      ...{ jobId: name, name: `style/${name}`, model: { name: 'base', fingerprint: host().model.fingerprint }, method: 'prompt-tuning' },
      ...{ config: { numVirtualTokens: 2 }, task: 'CAUSAL_LM', seed: 1, hyperparameters: { maxSteps: 1 }, ...more },
    }),
    training: new TextEncoder().encode(JSON.stringify({ text: 'the weft is drawn' })),
    required: [],
  },
  onEvent: () => {},
  onCheckpoint: () => {},
  signal,
})

test('when jobs have ended, however they did, what activations took is given back, and nothing of a job is left', async () => {
  const { model, runtime, plugins, weights } = host()
  const models = { load: async () => {}, engine: () => ({ model, sessions: { weights } }) } as unknown as Models
  const run = trainingOn({ models, runtime, device: 'cpu', threads: 1, plugins })
  const { live } = runtime
  let before: typeof live = {}
  released.mockImplementation(async (given) => {
    before = runtime.live
    await release(given)
  })
  const together = { joint: 'both' }
  for (const [runs, statuses] of [
    [[runOf('a')], ['fulfilled']],
    [[runOf('b', {}, AbortSignal.abort())], ['rejected']],
    [
      [runOf('c', together), runOf('d', together, AbortSignal.abort())],
      ['fulfilled', 'rejected'],
    ],
  ] as const) {
    released.mockClear()
    const outcomes = await run(runs)
    expect(outcomes.map(({ status }) => status)).toEqual(statuses)
    expect(released).toHaveBeenCalledOnce()
    expect(before).toEqual(live)
    expect(runtime.live).toEqual(live)
  }
})
