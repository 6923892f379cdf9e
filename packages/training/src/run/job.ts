import { type Verdict, writeAdapter } from '@weft/adapters'
import { baseWeights, weightsOn } from '@weft/inference/base-weights'
import { AttentionInputs } from '@weft/model'
import type { SessionOptions } from '@weft/ort'
import type { TrainingSpec } from '@weft/protocol'
import { fileRows } from '../data/token-row.ts'
import { cancelled } from '../errors.ts'
import { GraphEngine } from '../graph/engine.ts'
import { frozenProgram } from '../graph/frozen-program.ts'
import { hasHead } from '../graph/head.ts'
import { headLrScale } from '../graph/head-rate.ts'
import { initialValues } from '../initialize/initialize.ts'
import { createOptimizer, learningRateAt } from '../optimizer/index.ts'
import { modelIn } from '../precision/job-precision.ts'
import { integersOffered } from '../precision/offer-integers.ts'
import { heldWeights } from '../precision/other-precision.ts'
import { smoothed } from '../precision/smoothed.ts'
import { keepsAnswers, klToBefore } from '../regularize/kl-to-before.ts'
import { runIdentity } from '../run-identity.ts'
import { levelBatches, outputLevel } from '../verdict/level.ts'
import { measureVerdict } from '../verdict/measure.ts'
import { RowsMeasured } from '../verdict/rows-measured.ts'
import { readCheckpoint, writeCheckpoint } from './checkpoint.ts'
import { trainedState, withFindings } from './finish.ts'
import { type LoopState, trainLoop } from './loop.ts'
import { manifestOf } from './manifest.ts'
import { classifierMetrics, languageMetrics, meanLossUnless } from './metrics.ts'
import { klToBaseOf, over, phasedBatches } from './phases.ts'
import { prepare, type TrainingFiles, type TrainingHost } from './prepare.ts'
import { preparedShare } from './progress.ts'

export type { TrainingFiles, TrainingHost }

export interface TrainingResult {
  /** The adapter file. */
  adapter: Uint8Array<ArrayBuffer>
  /** On held-out rows: `loss`, and `perplexity` or `accuracy`, `balanced_accuracy`, `f1`, `rows.<label>`, `correct.<label>`. Empty without held-out rows. */
  metrics: Record<string, number>
  /** What it came to, beside the base and other baselines. */
  verdict: Verdict
  steps: number
  loss: number
  evalLoss?: number
  trainedTokens: number
}

/**
 * Trains one adapter from start (or checkpoint) to file. Equal specification, files and base model give equal bytes on the
 * CPU, with any number of interruptions in between.
 * @throws TrainingError for everything a caller can mend: data, labels, context, checkpoint, divergence, `cancelled`
 */
export const runTraining = async (spec: TrainingSpec, files: TrainingFiles, host: TrainingHost): Promise<TrainingResult> => {
  const { runtime, onEvent = () => {}, signal, probe = true } = host
  const h = spec.hyperparameters
  const asked = modelIn(h, host)
  const checked = await prepare(spec, files, { ...host, model: asked })
  const { plugin, training, validation, labels, plan, required, phases } = checked
  onEvent({
    type: 'data',
    rows: fileRows(training.rows),
    validationRows: fileRows(validation.rows),
    truncatedRows: training.truncatedRows + validation.truncatedRows,
    unlearnedRows: training.unlearnedRows + validation.unlearnedRows,
    leftOutRows: training.leftOutRows + validation.leftOutRows,
    maxLength: checked.maxLength,
    tokens: training.tokens,
    ...(labels.length > 0 && { labels }),
    epochs: plan.totalSteps / plan.stepsPerEpoch,
    totalSteps: plan.totalSteps,
  })
  for (const message of checked.warnings) onEvent({ type: 'message', level: 'warn', message })
  const offered = integersOffered(spec, host)
  if (offered !== undefined) onEvent({ type: 'message', level: 'info', message: offered, offer: 'precision' })

  const given = asked === host.model ? host.weights : undefined
  const rounding = asked.precision?.products === 'integer' ? preparedShare(onEvent, { step: 0, totalSteps: plan.totalSteps, work: 'rounding' }) : () => {}
  const ownWeights = given
    ? undefined
    : await baseWeights(runtime, asked, {
        shared: host.weights,
        device: weightsOn(host.device ?? 'cpu'),
        onWeight: (weights, all) => rounding(weights / all / 2),
      })
  const weights = given ?? ownWeights!
  const attention = new AttentionInputs(asked)
  try {
    // Each layer is rounded twice: to be read with, and as its inputs then show to be best.
    const smoothing = (layers: number, all: number): void => {
      if (signal?.aborted) throw cancelled(0)
      rounding(0.5 + layers / all / 2)
    }
    const model = given ? asked : await smoothed(asked, training.rows, { runtime, weights, attention, threads: host.threads }, smoothing)
    const program = { ...checked.program, model, ...(hasHead(spec.task) && { headLrScale: await headLrScale(model) }) }
    const prepared = { ...checked, program }
    const session: SessionOptions = { ...host.session, threads: host.threads, weights, ...(weights.onDevice && { device: host.device }) }
    const drawn = await initialValues(program, { model, runtime, session, attention, labels, required, rows: training.rows, seed: spec.seed, signal })
    const values = { ...drawn, ...prepared.warmStart.values }
    const measured = new RowsMeasured(onEvent, signal)
    const place = { runtime, weights, attention, device: host.device, threads: host.threads, session: host.session, onRows: measured.read }
    using engine = new GraphEngine({ program, values, ...place })
    using frozen = new GraphEngine({ program: frozenProgram(model), values: {}, ...place })
    // Who joins first stands first, whatever is measured in between.
    const stepping = host.together?.join(engine) ?? engine
    const klToBase = klToBaseOf(spec, phases, { frozen, model })
    using before = keepsAnswers(spec, program) ? new GraphEngine({ program, values, ...place }) : undefined
    const kept = before && klToBefore(spec, { before, beneath: phases.beneath, rows: training.rows })
    const unsettled = spec.settles === undefined || !klToBase ? undefined : { klToBase, loudness: await klToBase.mean(engine), engine: before }
    const optimizer = createOptimizer(engine.parameters, h)
    const run = runIdentity(spec, files, model)
    const held = heldWeights(model, onEvent)
    const state = host.checkpoint ? readCheckpoint(host.checkpoint, { run, ...held, parameters: engine.parameters, optimizer }) : undefined
    if (state) onEvent({ type: 'resume', step: state.step, totalSteps: plan.totalSteps })
    const schedule = { name: h.schedule, learningRate: h.learningRate, warmupSteps: Math.round(h.warmupRatio * plan.totalSteps), totalSteps: plan.totalSteps }
    const keep = async (at: LoopState): Promise<number> => {
      const bytes = writeCheckpoint({ run, ...held, state: at, parameters: engine.parameters, optimizer })
      await host.onCheckpoint?.(bytes, at.step)
      return bytes.length
    }
    const end = await trainLoop({
      engine: stepping,
      optimizer,
      totalSteps: plan.totalSteps,
      batches: phasedBatches(spec, phases, { batches: plan.batches, totalSteps: plan.totalSteps, klToBase, klToBefore: kept }),
      learningRate: (step) => learningRateAt(schedule, step),
      maxGradNorm: h.maxGradNorm,
      lossScaling: model.precision?.compute === 'float16',
      patience: h.patience,
      signal,
      onEvent,
      state,
      evalSteps: h.evalEvery ?? Math.max(1, Math.ceil(plan.stepsPerEpoch / 4)),
      // A phase pursues more than the loss alone on held-out rows, so the best of those is not what is wanted: the last is.
      ...(plan.evaluation.length > 0 && !spec.partners && !spec.locality && { evaluate: () => meanLossUnless(signal, engine, plan.evaluation) }),
      checkpointSteps: host.onCheckpoint ? (h.checkpointEvery ?? Math.max(10, Math.ceil(plan.totalSteps / 20))) : 0,
      onCheckpoint: keep,
    })

    const measure = async () => {
      const classifies = hasHead(spec.task)
      measured.begin({ ...prepared, settled: before !== undefined }, end, probe)
      const classified = classifies && plan.evaluation.length > 0 ? await classifierMetrics(engine, plan.evaluation, labels, program.labelTasks) : undefined
      const metrics = classified?.metrics ?? (plan.evaluation.length > 0 ? await languageMetrics(engine, plan.evaluation) : {})
      const measuring = { engine, frozen, place, beneath: phases.beneath, batchSize: h.batchSize, learningRate: h.learningRate, end, classified, unsettled }
      const measuredVerdict = await measureVerdict({ ...prepared, ...measuring, probe })
      const { state: encoded, params, findings } = await trainedState(engine, plugin, { config: prepared.config, model: model.spec, required })
      const verdict = withFindings(measuredVerdict, findings)
      const level = classifies ? undefined : await outputLevel(engine, frozen, model.spec.vocabSize, levelBatches(plan).map(over(phases.beneath)))
      return { metrics, encoded, params, verdict, level }
    }
    // What was trained is kept for whoever goes on, where the signal fires meanwhile.
    const { metrics, encoded, params, verdict, level } = await measure().catch(async (error: unknown) => {
      if (signal?.aborted) await keep(end)
      throw error
    })
    onEvent({ type: 'verdict', verdict })
    const bytes = await writeAdapter(manifestOf(spec, prepared, model, end, { metrics, level, verdict }), encoded, params)
    return {
      adapter: bytes,
      metrics,
      verdict,
      steps: end.step,
      loss: end.lastLoss,
      trainedTokens: plan.tokensBefore(end.step),
      ...(end.best && { evalLoss: end.bestEvalLoss }),
    }
  } finally {
    ownWeights?.dispose()
  }
}
