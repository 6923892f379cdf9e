import { type LoadedAdapter, type ManifestInput, writeAdapter } from '@weft/adapters'
import { baseWeights, weightsOn } from '@weft/inference/base-weights'
import { checkPairs, checkTask, encodeState, type Plugin, PluginRegistry, parseConfig } from '@weft/methods'
import { AttentionInputs, type LoadedModel } from '@weft/model'
import { type NumberedRow, readTrainingRows, splitHeldOut, type TrainingSpec, taskOfRows } from '@weft/protocol'
import type { TokenBatch } from '../batch/batch-tensors.ts'
import { rowTokenizer } from '../data/row-tokenizer.ts'
import { cancelled, pairsAlike } from '../errors.ts'
import { modelIn } from '../precision/job-precision.ts'
import { heldWeights } from '../precision/other-precision.ts'
import type { TrainingFiles, TrainingHost, TrainingResult } from '../run/job.ts'
import { lineageOf } from '../run/manifest.ts'
import { runIdentity } from '../run-identity.ts'
import { readPairsCheckpoint, writePairsCheckpoint } from './checkpoint.ts'
import { addDifferences, meanDifferences, projections } from './differences.ts'
import { separationMetrics } from './separation.ts'
import { StreamReader } from './stream-reader.ts'
import { pairBatches, tokenizePairs } from './token-pairs.ts'

/** `metrics`: on held-out pairs, as `separationMetrics` has them; empty without any. `steps` are batches. */
export type ComputedResult = Pick<TrainingResult, 'adapter' | 'metrics' | 'steps' | 'trainedTokens'>

/**
 * Computes an adapter from contrastive pairs: the mean difference of the residual stream at the last token (Rimsky et al. 2024,
 * https://arxiv.org/abs/2312.06681; Turner et al. 2023, https://arxiv.org/abs/2308.10248). No gradient is taken. Equal specification, files and base model give
 * equal bytes on the CPU, with any number of interruptions in between.
 * @throws TrainingError `pair_too_long`, `pairs_alike`, `cancelled`; WeftError of `checkPairs`
 */
export const computeFromPairs = async (spec: TrainingSpec, files: TrainingFiles, host: TrainingHost): Promise<ComputedResult> => {
  const { runtime, onEvent = () => {}, signal } = host
  const model = modelIn(spec.hyperparameters, host)
  const { hiddenSize } = model.spec
  const prepared = await prepare(spec, files, model, host.plugins)
  const { plugin, config, layers, fromPairs, training, heldOut } = prepared
  const totalSteps = training.batches.length
  const tokens = training.batches.reduce((sum, batch) => sum + batch.tokens, 0)
  const counts = { rows: training.pairs, validationRows: heldOut.pairs, truncatedRows: 0, unlearnedRows: 0, leftOutRows: 0, maxLength: prepared.maxLength }
  onEvent({ type: 'data', ...counts, tokens, epochs: 1, totalSteps })

  const weighed = model === host.model ? host.weights : undefined
  const own = weighed ? undefined : await baseWeights(runtime, model, { shared: host.weights, device: weightsOn(host.device ?? 'cpu') })
  try {
    const { device, threads, session } = host
    using reader = new StreamReader({ model, layers, runtime, weights: weighed ?? own!, attention: new AttentionInputs(model), device, threads, session })
    const run = { run: runIdentity(spec, files, model), ...heldWeights(model, onEvent) }
    const sums = new Float32Array(layers.length * hiddenSize)
    let step = host.checkpoint ? readPairsCheckpoint(host.checkpoint, run, sums) : 0
    if (host.checkpoint) onEvent({ type: 'resume', step, totalSteps })
    const checkpoint = async (): Promise<void> => {
      const bytes = writePairsCheckpoint(run, step, sums)
      await host.onCheckpoint?.(bytes, step)
      onEvent({ type: 'checkpoint', step, totalSteps, bytes: bytes.length })
    }
    const every = spec.hyperparameters.checkpointEvery ?? Math.max(10, Math.ceil(totalSteps / 20))
    while (step < totalSteps) {
      if (signal?.aborted) {
        if (step > 0) await checkpoint()
        throw cancelled(step)
      }
      const batch = training.batches[step]
      addDifferences(sums, { batch, stream: await reader.read(batch), hiddenSize })
      step += 1
      onEvent({ type: 'pairs', step, totalSteps })
      if (host.onCheckpoint && step % every === 0 && step < totalSteps) await checkpoint()
    }

    const differences = meanDifferences(sums, { layers, pairs: training.pairs, normalize: spec.pairs?.normalize ?? false })
    if (!differences) throw pairsAlike()
    const ahead: number[][] = []
    for (const batch of heldOut.batches) {
      if (signal?.aborted) throw cancelled(step)
      ahead.push(...projections([...differences.values()], { batch, stream: await reader.read(batch), hiddenSize }))
    }
    const metrics = separationMetrics(ahead, layers)
    onEvent({ type: 'message', ...told(metrics) })
    if (prepared.repeated > 0) onEvent({ type: 'message', ...toldOfRepeated(prepared.repeated) })
    const state = encodeState(plugin, fromPairs.params(differences), config, model.spec)
    return { adapter: await writeAdapter(manifestOf(spec, config, model, totalSteps, metrics), state), metrics, steps: totalSteps, trainedTokens: tokens }
  } finally {
    own?.dispose()
  }
}

interface Side {
  pairs: number
  batches: TokenBatch[]
}

/** Everything that can be refused is refused here, before any weight is read. */
const prepare = async (spec: TrainingSpec, files: TrainingFiles, model: LoadedModel, plugins: Iterable<Plugin>) => {
  const plugin = new PluginRegistry(plugins).get(spec.method)
  checkTask(plugin, taskOfRows('pair', model.spec))
  const asked = parseConfig(plugin, spec.config)
  const fromPairs = checkPairs(plugin, asked, { ...spec, hyperparameters: undefined }, model.spec)
  const layers = fromPairs.layers(asked, model.spec)
  const config = fromPairs.config(asked, layers)
  const { batchSize, maxLength: longest = model.spec.maxPositions } = spec.hyperparameters
  const maxLength = Math.min(longest, model.spec.maxPositions)
  const validation = files.validation === undefined ? undefined : (await readTrainingRows(files.validation, { file: 'validation' })).rows
  const { rows: given } = await readTrainingRows(files.training)
  const split = validation === undefined ? splitHeldOut(given, spec.seed) : { training: given, validation }
  const tokenizer = rowTokenizer(model)
  const side = (file: string, rows: readonly NumberedRow[]): Side => ({
    pairs: rows.length,
    batches: rows.length === 0 ? [] : pairBatches(tokenizePairs(rows, { file, tokenizer, maxLength }), batchSize, maxLength),
  })
  return {
    ...{ plugin, config, fromPairs, layers, maxLength },
    ...{ training: side('training', split.training), heldOut: side('validation', split.validation), repeated: repeatedPairs(split) },
  }
}

const manifestOf = (spec: TrainingSpec, config: unknown, model: LoadedModel, steps: number, metrics: Record<string, number>): ManifestInput => ({
  method: spec.method,
  config: config as LoadedAdapter['manifest']['config'],
  base: { name: model.name, fingerprint: model.fingerprint, architecture: model.spec.architecture },
  task: spec.task,
  lineage: { ...lineageOf(spec), pairs: { normalize: spec.pairs?.normalize ?? false } },
  training: { steps, seed: spec.seed, ...(Object.keys(metrics).length > 0 && { metrics }) },
})

/** What is said of it at the end. Half is what chance would separate. */
const told = ({ separated, pairs }: Record<string, number>): { level: 'info' | 'warn'; message: string } => {
  if (pairs === undefined)
    return {
      level: 'warn',
      message: 'No pairs are set aside of fewer than ten, so nothing says how well the vector tells others apart. Give ten or more, or held-out pairs.',
    }
  const message = `The vector tells ${Math.round(separated * pairs)} of ${pairs} held-out pairs apart (${separated.toFixed(2)}; chance is 0.50).`
  // Two standard errors of a share around one half.
  return separated - 0.5 > 1 / Math.sqrt(pairs)
    ? { level: 'info', message }
    : { level: 'warn', message: `${message} That is not clearly more than chance: give more pairs, or other layers.` }
}

/** Held-out pairs that are among those that the vector is computed from. */
const repeatedPairs = ({ training, validation }: { training: readonly NumberedRow[]; validation: readonly NumberedRow[] }): number => {
  const contentOf = ({ row }: NumberedRow): string => (row.kind === 'pair' ? JSON.stringify([row.prompt ?? '', row.positive, row.negative]) : '')
  const known = new Set(training.map(contentOf))
  return validation.filter((row) => known.has(contentOf(row))).length
}

/** As the verdict of what is trained says it. */
const toldOfRepeated = (pairs: number): { level: 'warn'; message: string } => ({
  level: 'warn',
  message: `${pairs} held-out ${pairs === 1 ? 'pair stands' : 'pairs stand'} among the training pairs too, so the share is too good. Take repeated rows out.`,
})
