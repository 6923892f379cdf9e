import { type AdapterManifest, canonicalJson } from '@weft/adapters'
import type { AdapterDiff } from '@weft/protocol'

type Change = AdapterDiff['config'][number]
type Metric = AdapterDiff['metrics'][number]

const isMap = (value: unknown): value is Record<string, unknown> => value !== null && typeof value === 'object' && !Array.isArray(value)

/** Every leaf that differs, by its path. Lists are leaves: an order of labels is one value. */
function changes(from: unknown, to: unknown, path: string): Change[] {
  if (isMap(from) && isMap(to)) {
    const keys = [...new Set([...Object.keys(from), ...Object.keys(to)])].sort()
    return keys.flatMap((key) => changes(from[key], to[key], path ? `${path}.${key}` : key))
  }
  return canonicalJson(from ?? null) === canonicalJson(to ?? null) ? [] : [{ path, from: from ?? null, to: to ?? null }]
}

/** What is set, as opposed to what came out. */
const settings = ({ method, config, task, labels, labelTasks, pooling, base, sites, virtualTokens, lineage, training }: AdapterManifest) => {
  const { data: _, validation: _validation, reference: _reference, foreign: _foreign, ...phases } = lineage
  return {
    ...{ method, config, task, base, sites, virtualTokens, ...phases },
    ...(labels ? { labels } : {}),
    ...(labelTasks ? { labelTasks } : {}),
    ...(pooling ? { pooling } : {}),
    ...(training?.seed === undefined ? {} : { seed: training.seed }),
    ...(training?.hyperparameters ? { hyperparameters: training.hyperparameters } : {}),
  }
}

export const changedSettings = (from: AdapterManifest, to: AdapterManifest): Change[] => changes(settings(from), settings(to), '')

const numbers = ({ training }: AdapterManifest): Record<string, number> => {
  if (!training) return {}
  const { steps, loss, evalLoss, level, metrics = {} } = training
  return {
    steps,
    ...(loss === undefined ? {} : { loss }),
    ...(evalLoss === undefined ? {} : { evalLoss }),
    ...(level === undefined ? {} : { level }),
    ...metrics,
  }
}

/** Every number that either training gave. */
export function metricsOf(from: AdapterManifest, to: AdapterManifest): Metric[] {
  const [a, b] = [numbers(from), numbers(to)]
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].map((name) => {
    const [before, after] = [a[name] ?? null, b[name] ?? null]
    return { name, from: before, to: after, change: before === null || after === null ? null : after - before }
  })
}
