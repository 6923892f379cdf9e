import { baseWeights, weightsOn } from '@weft/inference/base-weights'
import type { Plugin } from '@weft/methods'
import { type ComputePrecision, precisionOf } from '@weft/model'
import { type Device, openRuntime, type Runtime, type Weights } from '@weft/ort'
import allPlugins from '@weft/plugins'
import { findCases, type GoldenCase, readCase } from './case.ts'
import { prepareCase, Unsupported } from './prepare.ts'
import { type Differences, runCase } from './run-case.ts'

export interface VerifyOptions {
  /** Where base models are that do not lie beside their cases. */
  models?: string
  only?: RegExp
  /** Told before each case. */
  onCase?: (name: string, done: number, total: number) => void
  /** Told after each case. */
  onRow?: (row: VerifyRow) => void
  plugins?: readonly Plugin[]
  /** Where it is computed, and in what. */
  device?: Device
  precision?: ComputePrecision
}

export interface VerifyRow extends Partial<Differences> {
  /** `<arch>/<method>.<task>` */
  case: string
  ok: boolean
  /** Why it is not. */
  reason?: string
  /** This case's architecture, method or task is not supported, so nothing was computed. */
  unsupported?: boolean
}

const measures = ['logits', 'loss', 'gradient', 'adamw'] as const

type Tolerances = Record<(typeof measures)[number], number>

/**
 * What counts as equal to PEFT's float32. Logits of pretrained weights are large, and rounding alone moves them by 2e-3. In 16 bits a number has 11
 * digits or 8, and what a model of random weights makes of that is stated here as it is on a CPU, with as much again to spare.
 */
const tolerances = (golden: GoldenCase, precision: ComputePrecision): Tolerances => {
  const pretrained = golden.description.text !== undefined
  if (precision === 'float32') return { logits: pretrained ? 5e-3 : 1e-4, loss: 1e-4, gradient: 1e-3, adamw: 1e-3 }
  const digits = precision === 'float16' ? 1 : 8
  return { logits: digits * (pretrained ? 0.2 : 0.05), loss: digits * 3e-3, gradient: digits * 0.05, adamw: digits * 0.01 }
}

/** Compares this engine with what PEFT computed, case by case: logits, loss, gradients, a trace of AdamW steps, greedy tokens. */
export const verifyPeft = async (dir: string, options: VerifyOptions = {}): Promise<VerifyRow[]> => {
  const { only, onCase, onRow } = options
  const cases = (await findCases(dir)).filter(({ name }) => !only || only.test(name))
  using runtime = openRuntime()
  const bases = new Map<string, Weights>()
  try {
    const rows: VerifyRow[] = []
    for (const [i, found] of cases.entries()) {
      onCase?.(found.name, i, cases.length)
      const row = await verifyCase(found, runtime, bases, options)
      onRow?.(row)
      rows.push(row)
    }
    onCase?.('', cases.length, cases.length)
    return rows
  } finally {
    for (const weights of bases.values()) weights.dispose()
  }
}

const verifyCase = async (
  found: { name: string; folder: string },
  runtime: Runtime,
  bases: Map<string, Weights>,
  { models, plugins = allPlugins, device = 'cpu', precision = 'float32' }: VerifyOptions,
): Promise<VerifyRow> => {
  try {
    const golden = await readCase(found)
    const prepared = await prepareCase(golden, plugins, models, precisionOf(precision))
    const { folder } = prepared.model
    if (!bases.has(folder)) bases.set(folder, await baseWeights(runtime, prepared.model, { device: weightsOn(device) }))
    const differences = await runCase(golden, prepared, runtime, bases.get(folder)!, device)
    const most = tolerances(golden, precision)
    const beyond = measures
      .filter((key) => !(differences[key] <= most[key]))
      .map((key) => `${key} is off by ${differences[key].toPrecision(2)}, at most ${most[key]} is equal`)
    // The likeliest token of a model of random weights is likeliest by less than 16 bits tell.
    if (differences.greedy === false && precision === 'float32') beyond.push('greedy tokens differ')
    return { case: found.name, ...differences, ok: beyond.length === 0, ...(beyond.length > 0 && { reason: beyond.join('; ') }) }
  } catch (error) {
    return { case: found.name, ok: false, ...(error instanceof Unsupported && { unsupported: true }), reason: (error as Error).message }
  }
}
