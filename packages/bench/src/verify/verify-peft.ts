import { baseWeights } from '@weft/inference/base-weights'
import type { Plugin } from '@weft/methods'
import { openRuntime, type Runtime, type Weights } from '@weft/ort'
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
  plugins?: readonly Plugin[]
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

/** What counts as equal in float32. Logits of pretrained weights are large, and rounding alone moves them by 2e-3. */
const tolerances = (golden: GoldenCase): Record<(typeof measures)[number], number> => ({
  logits: golden.description.text === undefined ? 1e-4 : 5e-3,
  loss: 1e-4,
  gradient: 1e-3,
  adamw: 1e-3,
})

/** Compares this engine with what PEFT computed, case by case: logits, loss, gradients, a trace of AdamW steps, greedy tokens. */
export const verifyPeft = async (dir: string, { models, only, onCase, plugins = allPlugins }: VerifyOptions = {}): Promise<VerifyRow[]> => {
  const cases = (await findCases(dir)).filter(({ name }) => !only || only.test(name))
  using runtime = openRuntime()
  const bases = new Map<string, Weights>()
  try {
    const rows: VerifyRow[] = []
    for (const [i, found] of cases.entries()) {
      onCase?.(found.name, i, cases.length)
      rows.push(await verifyCase(found, runtime, bases, plugins, models))
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
  plugins: readonly Plugin[],
  models?: string,
): Promise<VerifyRow> => {
  try {
    const golden = await readCase(found)
    const prepared = await prepareCase(golden, plugins, models)
    const { folder } = prepared.model
    if (!bases.has(folder)) bases.set(folder, await baseWeights(runtime, prepared.model))
    const differences = await runCase(golden, prepared, runtime, bases.get(folder)!)
    const most = tolerances(golden)
    const beyond = measures
      .filter((key) => !(differences[key] <= most[key]))
      .map((key) => `${key} is off by ${differences[key].toPrecision(2)}, at most ${most[key]} is equal`)
    if (differences.greedy === false) beyond.push('greedy tokens differ')
    return { case: found.name, ...differences, ok: beyond.length === 0, ...(beyond.length > 0 && { reason: beyond.join('; ') }) }
  } catch (error) {
    return { case: found.name, ok: false, ...(error instanceof Unsupported && { unsupported: true }), reason: (error as Error).message }
  }
}
