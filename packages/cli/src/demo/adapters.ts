import type { CreateJobParameters } from '@weft/client'
import { trainingRows } from './rows.ts'

/** One adapter of the demo: what it learns from and how. */
export interface DemoAdapter extends Pick<CreateJobParameters, 'method' | 'hyperparameters'> {
  name: string
  /** Makes the training file. */
  rows: () => object[]
}

const virtualTokens = 16

/** Small enough that all three are trained in three minutes on two cores. */
export const demoAdapters: DemoAdapter[] = [
  {
    name: 'mail/spam',
    rows: trainingRows.mail,
    method: { type: 'prompt-tuning', 'prompt-tuning': { numVirtualTokens: virtualTokens } },
    hyperparameters: { maxSteps: 240, batchSize: 8, learningRate: 2e-2, maxLength: 128 },
  },
  {
    name: 'style/speech',
    rows: trainingRows.speech,
    method: { type: 'prefix-tuning', 'prefix-tuning': { numVirtualTokens: virtualTokens } },
    hyperparameters: { maxSteps: 100, batchSize: 8, learningRate: 1e-2, maxLength: 128 },
  },
  {
    name: 'style/whale',
    rows: trainingRows.whale,
    method: { type: 'prefix-tuning', 'prefix-tuning': { numVirtualTokens: virtualTokens } },
    hyperparameters: { maxSteps: 100, batchSize: 8, learningRate: 1e-2, maxLength: 128 },
  },
]
