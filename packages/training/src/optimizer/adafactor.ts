import type { Parameter } from '../graph/parameter.ts'
import type { Optimizer, OptimizerSlots } from './optimizer.ts'
import { TimeSlices } from './time-slices.ts'

export interface AdafactorOptions {
  /** Added to squared gradients (ε₁) and the floor of the parameter scale (ε₂). */
  eps?: readonly [number, number]
  clipThreshold?: number
  /** β₂ at step t is 1 − t^−decayRate. */
  decayRate?: number
  weightDecay?: number
  /** Multiply the rate by the root mean square of the parameter; prompt tuning's authors switch it off. */
  scaleParameter?: boolean
}

/**
 * Adafactor without momentum (Shazeer & Stern 2018, https://arxiv.org/abs/1804.04235). The second moment of a matrix is kept
 * as the means of its rows and of its columns; of an array with more axes, over the last two. A vector keeps its own.
 * The learning rate comes from the schedule (no relative steps).
 */
export class Adafactor implements Optimizer {
  readonly name = 'adafactor'
  steps = 0
  readonly #parameters: readonly Parameter[]
  readonly #slots: Record<string, OptimizerSlots>
  readonly #options: Required<AdafactorOptions>

  constructor(parameters: readonly Parameter[], options: AdafactorOptions = {}) {
    this.#parameters = parameters
    this.#options = { eps: [1e-30, 1e-3], clipThreshold: 1, decayRate: 0.8, weightDecay: 0, scaleParameter: false, ...options }
    this.#slots = Object.fromEntries(parameters.map((p) => [p.name, emptySlots(p)]))
  }

  slots(): Record<string, OptimizerSlots> {
    return this.#slots
  }

  async step(learningRate: number): Promise<void> {
    this.steps += 1
    const { eps, clipThreshold, decayRate, weightDecay, scaleParameter } = this.#options
    const beta2 = 1 - this.steps ** -decayRate
    const timeSlices = new TimeSlices()
    for (const parameter of this.#parameters) {
      const { data, name, lrScale = 1 } = parameter
      const slots = this.#slots[name]
      const update = new Float32Array(data.length)
      if (slots.row) await factored(parameter, slots, update, beta2, eps[0], timeSlices)
      else await unfactored(parameter, slots.expAvgSq, update, beta2, eps[0], timeSlices)

      const scale = scaleParameter ? Math.max(eps[1], await rootMeanSquare(data, timeSlices)) : 1
      const lr = learningRate * lrScale * scale
      const factor = lr / Math.max(1, (await rootMeanSquare(update, timeSlices)) / clipThreshold)
      await timeSlices.walk(data.length, (start, end) => {
        for (let i = start; i < end; i++) data[i] = data[i] * (1 - weightDecay * lr) - factor * update[i]
      })
    }
  }
}

const emptySlots = ({ shape, data }: Parameter): OptimizerSlots => {
  if (shape.length < 2) return { expAvgSq: new Float32Array(data.length) }
  const [rows, columns] = shape.slice(-2)
  return { row: new Float32Array(data.length / columns), column: new Float32Array(data.length / rows) }
}

const unfactored = ({ gradient }: Parameter, expAvgSq: Float32Array, update: Float32Array, beta2: number, eps: number, timeSlices: TimeSlices): Promise<void> =>
  timeSlices.walk(gradient.length, (start, end) => {
    for (let i = start; i < end; i++) {
      expAvgSq[i] = beta2 * expAvgSq[i] + (1 - beta2) * (gradient[i] * gradient[i] + eps)
      update[i] = gradient[i] / Math.sqrt(expAvgSq[i])
    }
  })

const factored = async (
  { gradient, shape }: Parameter,
  { row, column }: OptimizerSlots,
  update: Float32Array,
  beta2: number,
  eps: number,
  timeSlices: TimeSlices,
): Promise<void> => {
  const [rows, columns] = shape.slice(-2)
  const matrices = gradient.length / (rows * columns)
  for (let m = 0; m < matrices; m++) {
    const columnSums = new Float64Array(columns)
    await timeSlices.walk(
      rows,
      (start, end) => {
        for (let r = start; r < end; r++) {
          const at = (m * rows + r) * columns
          let sum = 0
          for (let c = 0; c < columns; c++) {
            const square = gradient[at + c] * gradient[at + c] + eps
            sum += square
            columnSums[c] += square
          }
          row[m * rows + r] = beta2 * row[m * rows + r] + (1 - beta2) * (sum / columns)
        }
      },
      columns,
    )
    for (let c = 0; c < columns; c++) {
      column[m * columns + c] = beta2 * column[m * columns + c] + (1 - beta2) * (columnSums[c] / rows)
    }
    let rowMean = 0
    for (let r = 0; r < rows; r++) rowMean += row[m * rows + r] / rows
    await timeSlices.walk(
      rows,
      (start, end) => {
        for (let r = start; r < end; r++) {
          const rowFactor = 1 / Math.sqrt(row[m * rows + r] / rowMean)
          const at = (m * rows + r) * columns
          for (let c = 0; c < columns; c++) update[at + c] = (gradient[at + c] * rowFactor) / Math.sqrt(column[m * columns + c])
        }
      },
      columns,
    )
  }
}

const rootMeanSquare = async (values: Float32Array, timeSlices: TimeSlices): Promise<number> => {
  let sum = 0
  await timeSlices.walk(values.length, (start, end) => {
    for (let i = start; i < end; i++) sum += values[i] * values[i]
  })
  return Math.sqrt(sum / values.length)
}
