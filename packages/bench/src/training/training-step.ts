import type { TaskType } from '@weft/adapters'
import { baseWeights, weightsOn } from '@weft/inference/base-weights'
import type { Plugin } from '@weft/methods'
import { AttentionInputs, type LoadedModel, loadModel, precisionOf, type WeightPrecision } from '@weft/model'
import { type Device, openRuntime, type Runtime, type SessionOptions, type Weights } from '@weft/ort'
import { Disposables } from '@weft/ort/disposables'
import plugins from '@weft/plugins'
import { AdamW, clipGradientNorm, GraphEngine, initialValues, type TokenBatch, type TrainingProgram } from '@weft/training'
import { modelIn } from '@weft/training/precision/job-precision'
import { smoothed } from '@weft/training/precision/smoothed'
import { benchProgram, shapeFile } from './program.ts'

export interface TrainingStepOptions {
  /** A model folder; or a bare config.json or the name of one in `shapes`: random weights; or a model that is loaded already. */
  model: string | LoadedModel
  method: string
  /** The model's first when absent. */
  task?: TaskType
  batch: number
  tokens: number
  virtualTokens: number
  device?: Device
  threads?: number
  /** What frozen layers are held and computed in; `int8` multiplies in integers, forward and backward. Default float32. */
  precision?: WeightPrecision
  /** Session options to compare, e.g. `{ prepack: true }`. */
  session?: SessionOptions
  /** The model's frozen weights on the device, made by this runtime and kept by the caller; made for this step alone when absent. */
  shared?: { runtime: Runtime; weights: Weights }
  plugins?: readonly Plugin[]
  /** Classes of a classifier. */
  labels?: readonly string[]
}

export interface TrainingStep extends Disposable {
  runtime: Runtime
  /** With its tokenizer, where it has one. */
  loaded: LoadedModel
  program: TrainingProgram
  batch: TokenBatch
  engine: GraphEngine
  /** One whole optimizer step: forward, backward, clipping and AdamW; of the random batch unless another is given. The first of a bucket prepares its session. */
  run(batch?: TokenBatch): Promise<StepTime>
}

/** `cpu_ms` is of all threads together: other load on the machine hardly moves it. */
export interface StepTime {
  ms: number
  cpu_ms: number
}

/** A method on a base, ready to be stepped on random tokens that are all learned. @throws TrainingError `integers_unavailable` */
export const openTrainingStep = async (options: TrainingStepOptions): Promise<TrainingStep> => {
  const { device, threads, session, labels = ['0', '1'] } = options
  const stack = new Disposables()
  try {
    const runtime = options.shared?.runtime ?? stack.use(openRuntime())
    const loaded = typeof options.model === 'string' ? await loadModel(shapeFile(options.model)) : options.model
    const { precision } = options
    const model =
      precision === 'int8'
        ? modelIn({ precision }, { model: loaded, ...(device && { device }) })
        : precision === undefined
          ? loaded
          : { ...loaded, precision: precisionOf(precision) }
    const { program: asked, required, batch } = await benchProgram(model, { ...options, numLabels: labels.length, plugins: options.plugins ?? plugins })
    const trained = new Set(asked.plugin.sites.includes('weights') ? Object.keys(asked.params) : [])
    const weights =
      options.shared?.weights ?? stack.use(await baseWeights(runtime, model, { only: (name) => !trained.has(name), device: weightsOn(device ?? 'cpu') }))
    const attention = new AttentionInputs(model)
    // As a job does. What trains itself is in no store to be rounded.
    const ready = options.shared || trained.size > 0 ? model : await smoothed(model, batch.rows, { runtime, weights, attention, ...(threads && { threads }) })
    const program = { ...asked, model: ready }
    const values = await initialValues(program, {
      model: ready,
      runtime,
      session: { weights, ...(weights.onDevice && { device }) },
      attention,
      labels: [...labels],
      required,
      rows: batch.rows,
      seed: 0,
    })
    const engine = stack.use(new GraphEngine({ program, runtime, weights, attention, values, device, threads, session }))
    const optimizer = new AdamW(engine.parameters)
    const run = async (of: TokenBatch = batch): Promise<StepTime> => {
      const start = performance.now()
      const before = process.cpuUsage()
      await engine.gradients(of, 1 / of.weight)
      await clipGradientNorm(engine.parameters, 1)
      await optimizer.step(1e-4)
      const { user, system } = process.cpuUsage(before)
      return { ms: performance.now() - start, cpu_ms: (user + system) / 1000 }
    }
    const opened = stack.move()
    return { runtime, loaded: ready, program, batch, engine, run, [Symbol.dispose]: () => opened[Symbol.dispose]() }
  } finally {
    stack[Symbol.dispose]()
  }
}

/** The kernel's own high-water mark of this process's resident memory, in MB. */
export const peakMegabytes = (): number => process.resourceUsage().maxRSS / 1024
