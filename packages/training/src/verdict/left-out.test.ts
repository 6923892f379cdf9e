import { trainingSpecSchema } from '@weft/protocol'
import { lettersHost } from '@weft/test/models/letters-host'
import { expect, test } from 'vitest'
import type { TrainingEvent } from '../run/events.ts'
import { runTraining } from '../run/job.ts'

const host = lettersHost()

const lines = (rows: readonly object[]): string => rows.map((row) => JSON.stringify(row)).join('\n')
const files = {
  training: lines([{ text: 'the whale', weight: 0 }, { text: 'a' }, { text: 'the sea' }]),
  validation: lines([{ text: 'a ship' }, { text: 'a whale', weight: 0 }]),
}

test.each([
  ['prompt-tuning', 2, '2 rows were left out: they weigh 0, or nothing in them can be learned.'],
  ['prefix-tuning', 1, '3 rows were left out: they weigh 0, or nothing in them can be learned.'],
])('rows that weigh 0, and a text of one token that nothing foretells, are left out and told (%s)', async (method, training, message) => {
  const spec = trainingSpecSchema.parse({
    jobId: 'j',
    name: 'style/test',
    model: { name: 'base', fingerprint: host().model.fingerprint },
    method,
    config: { numVirtualTokens: 2 },
    task: 'CAUSAL_LM',
    hyperparameters: { batchSize: 4, maxSteps: 1, learningRate: 0.05 },
    seed: 5,
  })
  const events: TrainingEvent[] = []
  const { verdict } = await runTraining(spec, files, { ...host(), onEvent: (event) => events.push(event) })
  expect(verdict.rows).toEqual({ training, heldOut: 1, truncated: 0 })
  expect(verdict.findings.filter(({ code }) => code === 'rows_left_out')).toMatchObject([{ level: 'info', message }])
  expect(events[0]).toMatchObject({ type: 'data', rows: training, unlearnedRows: 0, leftOutRows: 4 - training })
})
