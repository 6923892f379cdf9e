import type { LoadedAdapter } from '@weft/adapters'
import plugins from '@weft/plugins'
import { type SettledOperand, settleStack, settlingJobs } from '@weft/training/joint/settle'
import { settledProbesOf, type Task } from './tasks/task.ts'
import { type AdapterTrainer, keepAdapter, keptAdapter, keptAt, lines } from './train-adapter.ts'

/** Settles the adapters of all tasks with one another, as `weft settle` does, or takes them from `keep`. */
export const settleAdapters = async (
  { options, model, runtime, weights, maxLength }: AdapterTrainer,
  tasks: Readonly<Record<string, Task>>,
  adapters: Readonly<Record<string, LoadedAdapter>>,
): Promise<Record<string, LoadedAdapter>> => {
  const { batch, onNote = () => {} } = options
  const operands = Object.entries(adapters).map(([name, adapter]): SettledOperand => {
    const { rows } = tasks[name]
    const hyperparameters = { batchSize: batch, maxLength }
    return { name, adapter, files: { training: lines(rows), validation: lines(rows.slice(0, batch)) }, probes: settledProbesOf(tasks[name]), hyperparameters }
  })
  const settling = { steps: options.phaseSteps, learningRate: options.phaseLearningRate, weight: options.settleWeight ?? 1, seed: options.seed }
  const files = settlingJobs(operands, { model, plugins }, settling).map(({ spec, files }) =>
    keptAt(options, spec, [String(files.training), String(files.probes)]),
  )
  const kept = await Promise.all(files.map(keptAdapter))
  const names = operands.map(({ name }) => name)
  if (kept.every((adapter) => adapter !== undefined)) {
    for (const name of names) onNote(`${name}, settled: kept from an earlier run`)
    return Object.fromEntries(kept.map((adapter, i) => [names[i], adapter]))
  }
  const since = performance.now()
  const settled = await settleStack(operands, settling, { model, runtime, plugins, weights, threads: options.threads })
  onNote(`${names.join(' + ')}: settled, ${((performance.now() - since) / 1000).toFixed(0)} s`)
  return Object.fromEntries(
    await Promise.all(settled.map(async (bytes, i): Promise<[string, LoadedAdapter]> => [names[i], await keepAdapter(files[i], bytes)])),
  )
}
