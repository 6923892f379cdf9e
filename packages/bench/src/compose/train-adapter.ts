import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { canonicalJson, type LoadedAdapter, readAdapter } from '@weft/adapters'
import { defaultHyperparameters, type Plugin, PluginRegistry, parseConfig } from '@weft/methods'
import type { LoadedModel } from '@weft/model'
import type { Runtime, Weights } from '@weft/ort'
import plugins from '@weft/plugins'
import type { TrainingSpec } from '@weft/protocol'
import { runTraining } from '@weft/training'
import type { BenchComposeOptions } from './options.ts'
import type { Question } from './task.ts'

export type Row = { text: string } | Question

/** One phase of one adapter. */
export interface AdapterPhase {
  name: string
  rows: readonly Row[]
  steps: number
  learningRate: number
  /** `locality`, `partners`, `from`. */
  further?: Partial<TrainingSpec>
  required?: Record<string, LoadedAdapter>
  /** What `locality` and `partners` draw on. */
  reference: readonly { text: string }[]
}

export interface AdapterTrainer {
  options: BenchComposeOptions
  model: LoadedModel
  runtime: Runtime
  weights: Weights
  maxLength: number
}

/** Trains an adapter, or takes it from `keep` where an earlier run left the same one. */
export const trainAdapter = async ({ options, model, runtime, weights, maxLength }: AdapterTrainer, phase: AdapterPhase): Promise<LoadedAdapter> => {
  const { method, seed, keep, onNote = () => {} } = options
  const { name, rows, required = {} } = phase
  const plugin = new PluginRegistry(plugins).get(method)
  const spec: TrainingSpec = {
    jobId: name,
    name,
    model: { name: model.name, fingerprint: model.fingerprint },
    method,
    task: 'CAUSAL_LM',
    seed,
    ...phase.further,
    config: parseConfig(plugin, { ...('numVirtualTokens' in settingsOf(plugin) && { numVirtualTokens: options.virtualTokens }), ...options.set }) as Record<
      string,
      unknown
    >,
    hyperparameters: defaultHyperparameters({
      maxSteps: phase.steps,
      batchSize: options.batch,
      learningRate: phase.learningRate,
      maxLength,
      patience: 0,
      evalEvery: phase.steps + 1,
    }),
    required: Object.entries(required).map(([ref, { digest }]) => ({ ref, digest })),
  }
  const training = lines(rows)
  const reference = lines(phase.reference)
  // Which rows it saw is not in the specification.
  const digest = createHash('sha256').update(canonicalJson(spec)).update(training).update(reference).digest('hex').slice(0, 16)
  const file = keep && join(keep, `${digest}.safetensors`)
  if (file && existsSync(file)) {
    onNote(`${name}: kept from an earlier run`)
    return readAdapter(readFileSync(file))
  }
  const since = performance.now()
  const result = await runTraining(
    spec,
    { training, validation: lines(rows.slice(0, options.batch)), required: Object.values(required), ...(reference !== '' && { reference }) },
    { model, runtime, plugins, weights, threads: options.threads },
  )
  onNote(`${name}: loss ${result.loss.toFixed(3)} after ${result.steps} steps, ${((performance.now() - since) / 1000).toFixed(0)} s`)
  if (file) {
    mkdirSync(keep, { recursive: true })
    writeFileSync(file, result.adapter)
  }
  return readAdapter(result.adapter)
}

export const lines = (rows: readonly Row[]): string =>
  rows.map((row) => `${JSON.stringify('answer' in row ? { prompt: row.prompt, completion: row.answer } : { text: row.text })}\n`).join('')

const settingsOf = (plugin: Plugin): object => (plugin.config as unknown as { def: { shape?: object } }).def.shape ?? {}
