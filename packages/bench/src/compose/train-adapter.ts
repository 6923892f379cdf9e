import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { canonicalJson, type LoadedAdapter, readAdapter } from '@weft/adapters'
import { defaultHyperparameters, PluginRegistry, parseConfig } from '@weft/methods'
import type { LoadedModel } from '@weft/model'
import type { Runtime, Weights } from '@weft/ort'
import plugins from '@weft/plugins'
import type { Probe, TrainingSpec } from '@weft/protocol'
import { runTraining } from '@weft/training'
import { hasVirtualTokens } from '../virtual-tokens.ts'
import type { BenchComposeOptions } from './options.ts'
import type { Question } from './tasks/task.ts'

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
  /** What `locality` and `partners` draw on; the bundled corpora without any. */
  reference: readonly { text: string }[]
  /** What `locality` has it silent on besides. */
  probes?: readonly Probe[]
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
  const { method, seed, onNote = () => {} } = options
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
    config: parseConfig(plugin, { ...(hasVirtualTokens(plugin) && { numVirtualTokens: options.virtualTokens }), ...options.set }) as Record<string, unknown>,
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
  const probes = (phase.probes ?? []).map((probe) => `${JSON.stringify(probe)}\n`).join('')
  const file = keptAt(options, spec, [training, reference, probes])
  const kept = await keptAdapter(file)
  if (kept) {
    onNote(`${name}: kept from an earlier run`)
    return kept
  }
  const since = performance.now()
  const result = await runTraining(
    spec,
    {
      training,
      validation: lines(rows.slice(0, options.batch)),
      required: Object.values(required),
      ...(reference !== '' && { reference }),
      ...(probes !== '' && { probes }),
    },
    { model, runtime, plugins, weights, threads: options.threads },
  )
  onNote(`${name}: loss ${result.loss.toFixed(3)} after ${result.steps} steps, ${((performance.now() - since) / 1000).toFixed(0)} s`)
  return keepAdapter(file, result.adapter)
}

/** Where a run's adapter is kept. Neither which rows it saw nor what the base computes in is in the specification. */
export const keptAt = (
  { keep, precision }: Pick<BenchComposeOptions, 'keep' | 'precision'>,
  spec: TrainingSpec,
  files: readonly string[],
): string | undefined => {
  const hash = createHash('sha256').update(canonicalJson(spec))
  if (precision === 'int8') hash.update(precision)
  for (const content of files) hash.update('\0').update(content)
  return keep && join(keep, `${hash.digest('hex').slice(0, 16)}.safetensors`)
}

export const keptAdapter = async (file: string | undefined): Promise<LoadedAdapter | undefined> =>
  file && existsSync(file) ? readAdapter(readFileSync(file)) : undefined

export const keepAdapter = (file: string | undefined, bytes: Uint8Array): Promise<LoadedAdapter> => {
  if (file) {
    mkdirSync(dirname(file), { recursive: true })
    // A half of one, as a full disk or a kill leaves it, would be read by the next run as what it kept.
    writeFileSync(`${file}.${process.pid}`, bytes)
    renameSync(`${file}.${process.pid}`, file)
  }
  return readAdapter(bytes)
}

export const lines = (rows: readonly Row[]): string =>
  rows.map((row) => `${JSON.stringify('answer' in row ? { prompt: row.prompt, completion: row.answer } : { text: row.text })}\n`).join('')
