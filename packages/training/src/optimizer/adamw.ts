import type { Parameter } from '../graph/parameter.ts'
import type { Optimizer, OptimizerSlots } from './optimizer.ts'
import { TimeSlices } from './time-slices.ts'

export interface AdamWOptions {
  betas?: readonly [number, number]
  eps?: number
  weightDecay?: number
}

/**
 * AdamW (Loshchilov & Hutter, https://arxiv.org/abs/1711.05101) with PyTorch's conventions: the decay is multiplied by
 * the learning rate and applied first, `eps` is added outside the root and after the bias correction.
 *
 *     p ← p (1 − lr·λ);  m ← β₁m + (1−β₁)g;  v ← β₂v + (1−β₂)g²
 *     p ← p − lr/(1−β₁ᵗ) · m / (√v / √(1−β₂ᵗ) + ε)
 */
export class AdamW implements Optimizer {
  readonly name = 'adamw'
  steps = 0
  readonly #parameters: readonly Parameter[]
  readonly #slots: Record<string, OptimizerSlots>
  readonly #betas: readonly [number, number]
  readonly #eps: number
  readonly #weightDecay: number

  constructor(parameters: readonly Parameter[], { betas = [0.9, 0.999], eps = 1e-8, weightDecay = 0.01 }: AdamWOptions = {}) {
    this.#parameters = parameters
    this.#betas = betas
    this.#eps = eps
    this.#weightDecay = weightDecay
    this.#slots = Object.fromEntries(
      parameters.map((p) => [
        p.name,
        {
          expAvg: new Float32Array(p.data.length),
          expAvgSq: new Float32Array(p.data.length),
        },
      ]),
    )
  }

  slots(): Record<string, OptimizerSlots> {
    return this.#slots
  }

  async step(learningRate: number): Promise<void> {
    this.steps += 1
    const [beta1, beta2] = this.#betas
    const eps = this.#eps
    const correction = 1 / Math.sqrt(1 - beta2 ** this.steps)
    const timeSlices = new TimeSlices()
    for (const { name, data, gradient, lrScale = 1 } of this.#parameters) {
      const decay = 1 - lrScale * learningRate * this.#weightDecay
      const stepSize = (lrScale * learningRate) / (1 - beta1 ** this.steps)
      const { expAvg, expAvgSq } = this.#slots[name]
      await timeSlices.walk(data.length, (start, end) => {
        for (let i = start; i < end; i++) {
          const g = gradient[i]
          const m = expAvg[i] + (1 - beta1) * (g - expAvg[i])
          const v = beta2 * expAvgSq[i] + (1 - beta2) * g * g
          expAvg[i] = m
          expAvgSq[i] = v
          data[i] = data[i] * decay - (stepSize * m) / (Math.sqrt(v) * correction + eps)
        }
      })
    }
  }
}
