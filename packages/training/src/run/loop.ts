import { cancelled, lossNotFinite } from '../errors.ts'
import { type Parameter, restore, snapshot } from '../graph/parameter.ts'
import { clipGradientNorm } from '../optimizer/clip.ts'
import { initialLossScale, type LossScale, regrow, shrink, unscale } from '../optimizer/loss-scale.ts'
import type { Optimizer } from '../optimizer/optimizer.ts'
import { TimeSlices } from '../optimizer/time-slices.ts'
import type { TrainingEvent } from './events.ts'
import { Progress } from './progress.ts'

/** What the loop needs to know of a batch; everything else is between the data and the engine. */
export interface CountedBatch {
  /** Sum of the loss weights of its tokens (of its rows, for a classifier). */
  readonly weight: number
  readonly tokens: number
}

export interface TrainingEngine<Batch extends CountedBatch> {
  readonly parameters: readonly Parameter[]
  /** Writes d(scale · factor · Σ weight·nll) into every parameter's `gradient`; returns that loss without its scale, which is 1 when absent. */
  gradients(batch: Batch, factor: number, scale?: number): Promise<number>
}

/** Everything of a run that its future depends on, besides the specification and the data. */
export interface LoopState {
  step: number
  lastLoss: number
  bestStep: number
  bestEvalLoss: number
  evaluationsWithoutGain: number
  /** Absent before the first evaluation, and where the last one gave no finite number. */
  lastEvalLoss?: number
  /** The step has been taken and not evaluated yet. */
  evaluationDue?: boolean
  stopped: boolean
  best?: Map<string, Float32Array>
  /** Of a run in float16. */
  lossScale?: LossScale
}

export const initialState = (): LoopState => ({
  step: 0,
  lastLoss: Number.NaN,
  bestStep: 0,
  bestEvalLoss: Number.POSITIVE_INFINITY,
  evaluationsWithoutGain: 0,
  stopped: false,
})

export interface LoopOptions<Batch extends CountedBatch> {
  engine: TrainingEngine<Batch>
  optimizer: Optimizer
  totalSteps: number
  /** The micro-batches of one optimizer step: a pure function of the step, which is what makes a resumed run the same run. */
  batches: (step: number) => readonly Batch[] | Promise<readonly Batch[]>
  learningRate: (step: number) => number
  /** 0 switches clipping off. */
  maxGradNorm?: number
  /** Mean loss on held-out data, undefined where the signal fired first. Without it there is no early stopping and the last parameters are the result. */
  evaluate?: () => Promise<number | undefined>
  evalSteps?: number
  /** Evaluations without a lower loss before the run stops; 0 never stops. */
  patience?: number
  checkpointSteps?: number
  onCheckpoint?: (state: LoopState) => Promise<number> | number
  onEvent?: (event: TrainingEvent) => void
  signal?: AbortSignal
  state?: LoopState
  /** Scales the loss against float16's narrow range. */
  lossScaling?: boolean
}

/**
 * The training loop: accumulate gradients over the micro-batches of a step, clip, step the optimizer, evaluate, keep the best.
 * The loss of a step is Σ weight·nll / Σ weight over all its micro-batches, so accumulation equals one big batch.
 * On return the parameters hold the best evaluated values, or the last ones when nothing was evaluated.
 * @throws TrainingError `cancelled` when the signal fires, after a last checkpoint between two steps; `loss_not_finite` when the loss or a gradient is NaN or infinite
 */
export const trainLoop = async <Batch extends CountedBatch>(options: LoopOptions<Batch>): Promise<LoopState> => {
  const { engine, totalSteps, evaluate, patience = 0, checkpointSteps = 0, onEvent = () => {}, signal } = options
  const evalSteps = options.evalSteps ?? Math.max(1, Math.ceil(totalSteps / 10))
  const state = options.state ?? initialState()
  if (options.lossScaling) state.lossScale ??= initialLossScale()
  const progress = new Progress(totalSteps - state.step)
  let keptStep = state.step
  const checkpoint = async () => {
    if (!options.onCheckpoint || checkpointSteps === 0 || state.step === keptStep) return
    const bytes = await options.onCheckpoint(state)
    keptStep = state.step
    onEvent({ type: 'checkpoint', step: state.step, totalSteps, bytes })
  }

  while (!state.stopped && (state.step < totalSteps || state.evaluationDue)) {
    if (signal?.aborted) {
      // Whoever goes on elsewhere goes on from here.
      await checkpoint()
      throw cancelled(state.step)
    }
    if (state.evaluationDue && evaluate) {
      const evalLoss = await progress.aside(evaluate)
      if (evalLoss === undefined) continue
      noteEvaluation(state, evalLoss, engine.parameters)
      onEvent({ type: 'eval', step: state.step, totalSteps, evalLoss, best: state.bestStep === state.step })
      if (patience > 0 && state.evaluationsWithoutGain >= patience && state.step < totalSteps) {
        state.stopped = true
        onEvent({ type: 'early_stop', step: state.step, totalSteps, bestStep: state.bestStep, bestEvalLoss: state.bestEvalLoss })
      }
    } else {
      const taken = await step(options, state, progress)
      if (taken && evaluate && (state.step % evalSteps === 0 || state.step === totalSteps)) state.evaluationDue = true
    }
    if (!state.evaluationDue && checkpointSteps > 0 && state.step % checkpointSteps === 0 && state.step < totalSteps) await checkpoint()
  }
  if (state.best) restore(engine.parameters, state.best)
  return state
}

/** One step of the optimizer; false where the signal fired before it was taken. */
const step = async <Batch extends CountedBatch>(options: LoopOptions<Batch>, state: LoopState, progress: Progress): Promise<boolean> => {
  const { engine, optimizer, totalSteps, onEvent = () => {} } = options
  const batches = await options.batches(state.step)
  const learningRate = options.learningRate(state.step)
  const found = await gradientsOf(engine, batches, state, options)
  if (!found) return false
  const { loss, gradientNorm } = found
  if (!Number.isFinite(loss)) throw lossNotFinite('loss', state.step + 1, learningRate)
  if (!Number.isFinite(gradientNorm)) throw lossNotFinite('gradient', state.step + 1, learningRate)
  await optimizer.step(learningRate)
  state.step += 1
  state.lastLoss = loss
  progress.step(batches.reduce((n, b) => n + b.tokens, 0))
  const { tokensPerS, etaS } = progress
  onEvent({ type: 'step', step: state.step, totalSteps, loss, evalLoss: state.lastEvalLoss, learningRate, gradientNorm, tokensPerS, etaS })
  return true
}

/** Loss and clipped gradients of one step; in float16 at the largest scale that does not overflow, and none where the signal fires while that is looked for. */
const gradientsOf = async <Batch extends CountedBatch>(
  engine: TrainingEngine<Batch>,
  batches: readonly Batch[],
  { lossScale, step }: LoopState,
  { maxGradNorm = 0, onEvent, signal }: Pick<LoopOptions<Batch>, 'maxGradNorm' | 'onEvent' | 'signal'>,
): Promise<{ loss: number; gradientNorm: number } | undefined> => {
  for (;;) {
    const loss = await accumulate(engine, batches, lossScale?.scale)
    if (!lossScale) return { loss, gradientNorm: await clipGradientNorm(engine.parameters, maxGradNorm) }
    await unscale(engine.parameters, lossScale)
    const gradientNorm = await clipGradientNorm(engine.parameters, maxGradNorm)
    if (Number.isFinite(loss) && Number.isFinite(gradientNorm)) {
      regrow(lossScale)
      return { loss, gradientNorm }
    }
    if (!shrink(lossScale)) return { loss, gradientNorm }
    if (signal?.aborted) return undefined
    onEvent?.({ type: 'message', level: 'info', message: `step ${step + 1} overflows float16: it is taken again with the loss scaled by ${lossScale.scale}` })
  }
}

/** Gradients of one optimizer step, left in the parameters' own gradient arrays; micro-batches are added in their order. */
const accumulate = async <Batch extends CountedBatch>(engine: TrainingEngine<Batch>, batches: readonly Batch[], scale?: number): Promise<number> => {
  const factor = 1 / batches.reduce((sum, b) => sum + b.weight, 0)
  let loss = await engine.gradients(batches[0], factor, scale)
  if (batches.length === 1) return loss
  const sums = engine.parameters.map((p) => p.gradient.slice())
  const timeSlices = new TimeSlices()
  for (const batch of batches.slice(1)) {
    loss += await engine.gradients(batch, factor, scale)
    for (const [i, { gradient }] of engine.parameters.entries()) {
      await timeSlices.walk(gradient.length, (start, end) => {
        for (let e = start; e < end; e++) sums[i][e] += gradient[e]
      })
    }
  }
  for (const [i, { gradient }] of engine.parameters.entries()) gradient.set(sums[i])
  return loss
}

const noteEvaluation = (state: LoopState, evalLoss: number, parameters: readonly Parameter[]): void => {
  if (Number.isFinite(evalLoss)) state.lastEvalLoss = evalLoss
  else delete state.lastEvalLoss
  delete state.evaluationDue
  if (evalLoss < state.bestEvalLoss) {
    Object.assign(state, { bestEvalLoss: evalLoss, bestStep: state.step, evaluationsWithoutGain: 0, best: snapshot(parameters) })
  } else {
    state.evaluationsWithoutGain += 1
  }
}
