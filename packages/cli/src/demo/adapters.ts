import type { CreateJobParameters } from '@weft/client'
import { type DemoRows, demoRows } from './rows.ts'

/** One adapter of the demo: what it learns from and how. */
export interface DemoAdapter extends Pick<CreateJobParameters, 'method' | 'hyperparameters'> {
  name: string
  /** Makes the training file, and the one that it is measured on. */
  rows: () => DemoRows
}

const virtualTokens = 16

/** Small enough that all three are trained in about two minutes on two cores. */
export const demoAdapters: DemoAdapter[] = [
  {
    name: 'mail/spam',
    rows: demoRows.mail,
    method: { type: 'prefix-tuning', 'prefix-tuning': { numVirtualTokens: virtualTokens } },
    hyperparameters: { maxSteps: 240, batchSize: 8, learningRate: 1e-2, maxLength: 128, evalEvery: 60 },
  },
  {
    name: 'style/speech',
    rows: demoRows.speech,
    method: { type: 'prefix-tuning', 'prefix-tuning': { numVirtualTokens: virtualTokens } },
    hyperparameters: { maxSteps: 90, batchSize: 8, learningRate: 1e-2, maxLength: 128, evalEvery: 45 },
  },
  {
    name: 'style/whale',
    rows: demoRows.whale,
    method: { type: 'prefix-tuning', 'prefix-tuning': { numVirtualTokens: virtualTokens } },
    hyperparameters: { maxSteps: 90, batchSize: 8, learningRate: 1e-2, maxLength: 128, evalEvery: 45 },
  },
]
