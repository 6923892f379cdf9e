import { createJobSchema } from '@weft/protocol'
import { expect, test } from 'vitest'
import type { CreateJobParameters } from './jobs.ts'

test('a job takes whatever its endpoint does', () => {
  // One that is missing here, or that the client does not know, is an error of types.
  const all: Required<Record<keyof CreateJobParameters, true>> = {
    model: true,
    trainingFile: true,
    validationFile: true,
    suffix: true,
    method: true,
    hyperparameters: true,
    pooling: true,
    on: true,
    from: true,
    partners: true,
    locality: true,
    pairs: true,
    document: true,
    foreignFile: true,
    probes: true,
    joint: true,
    executor: true,
    seed: true,
    metadata: true,
  }
  expect(Object.keys(all).sort()).toEqual(Object.keys(createJobSchema.shape).sort())
})
