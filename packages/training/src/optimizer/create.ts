import type { Hyperparameters } from '@weft/methods'
import type { Parameter } from '../graph/parameter.ts'
import { Adafactor } from './adafactor.ts'
import { AdamW } from './adamw.ts'
import type { Optimizer } from './optimizer.ts'

type Settings = Pick<Hyperparameters, 'optimizer' | 'weightDecay' | 'betas' | 'eps'>

/** The optimizer that the hyperparameters name. */
export const createOptimizer = (parameters: readonly Parameter[], h: Settings): Optimizer =>
  h.optimizer === 'adafactor'
    ? new Adafactor(parameters, { weightDecay: h.weightDecay })
    : new AdamW(parameters, { betas: h.betas, eps: h.eps, weightDecay: h.weightDecay })
