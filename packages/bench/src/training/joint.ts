import { Random, type TaskType } from '@weft/adapters'
import { baseWeights } from '@weft/inference/base-weights'
import type { Plugin } from '@weft/methods'
import { AttentionInputs, loadModel } from '@weft/model'
import { type Device, openRuntime, type SessionOptions } from '@weft/ort'
import { Disposables } from '@weft/ort/disposables'
import plugins from '@weft/plugins'
import { AdamW, clipGradientNorm, GraphEngine, initialValues, JointEngine, type Parameter, parameterSlots, tokenBatch } from '@weft/training'
import { median, round, sum } from '../statistics.ts'
import { benchProgram, shapeFile } from './program.ts'

export interface BenchJointOptions {
  /** A model folder; or a bare config.json or the name of one in `shapes`: random weights. */
  model: string
  method: string
  /** The model's first when absent. */
  task?: TaskType
  adapters: number
  /** Rows of each adapter. */
  batch: number
  tokens: number
  virtualTokens: number
  /** Of each way, in turn, after two to warm up. */
  repetitions: number
  device?: Device
  threads?: number
  session?: SessionOptions
  plugins?: readonly Plugin[]
}

export interface BenchJointResult {
  task: TaskType
  adapters: number
  /** Trained numbers of one adapter. */
  parameters: number
  /** Median of one step of all adapters in one batch: forward, backward, each one's clipping and AdamW. */
  together_ms: number
  /** Median of the same steps one adapter after another, through one session. */
  in_turn_ms: number
  speedup: number
  /** Medians of CPU time, all threads together. */
  together_cpu_ms: number
  in_turn_cpu_ms: number
  /** Largest difference of a gradient to the one alone, over the largest magnitude in its tensor. */
  max_grad_diff: number
  peak_mb: number
}

/** Times steps of several adapters with different data over one base, together and in turn, and compares their gradients. */
export const benchJoint = async (options: BenchJointOptions): Promise<BenchJointResult> => {
  const { adapters: A, repetitions, device, threads, session } = options
  using runtime = openRuntime()
  const model = await loadModel(shapeFile(options.model))
  const { program, required, batch } = await benchProgram(model, { ...options, plugins: options.plugins ?? plugins })
  using weights = await baseWeights(runtime, model)
  const attention = new AttentionInputs(model)
  const shared = { runtime, weights, attention, device, threads, session }
  const each = Array.from({ length: A }, (_, a) => a)
  const trainable = new Set(
    parameterSlots(program)
      .filter((slot) => slot.trainable)
      .map(({ name }) => name),
  )
  const values = await Promise.all(
    each.map(async (a) => {
      const random = new Random(`adapter ${a}`)
      const initial = await initialValues(program, { model, runtime, session: { weights }, attention, labels: ['0', '1'], required, rows: batch.rows, seed: a })
      // Away from a fresh start, where some gradients are zero by design.
      return Object.fromEntries(
        Object.entries(initial).map(([name, data]) => [name, trainable.has(name) ? data.map((value) => value + random.normal(0, 0.02)) : data]),
      )
    }),
  )
  const random = new Random('joint')
  const ids = (tokens: Uint32Array): Uint32Array => tokens.map(() => random.integer(model.spec.vocabSize))
  const batches = each.map(() =>
    tokenBatch(
      batch.rows.map((row) => ({ ...row, tokens: ids(row.tokens), ...(row.targets && { targets: ids(row.targets) }) })),
      batch.bucket,
    ),
  )
  const factor = 1 / batch.weight

  using owned = new Disposables()
  const engineOf = (own: Record<string, Float32Array>): GraphEngine => owned.use(new GraphEngine({ ...shared, program, values: own }))
  const engines = values.map(engineOf)
  using joint = new JointEngine({ ...shared, engines })
  const alone = engineOf(values[0])
  const ownValues = values.map((own) => alone.parameters.map(({ name }) => own[name].slice()))
  const jointOptimizers = engines.map(({ parameters }) => new AdamW(parameters))
  const aloneOptimizers = each.map(() => new AdamW(alone.parameters))

  const together = timed(async () => {
    await joint.gradients(
      batches,
      batches.map(() => factor),
    )
    for (const a of each) await update(engines[a].parameters, jointOptimizers[a])
  })
  const oneAlone = (a: number) => async () => {
    await alone.gradients(batches[a], factor)
    await update(alone.parameters, aloneOptimizers[a])
  }
  const inTurn = async (): Promise<Timing> => {
    const times: Timing[] = []
    for (const a of each) {
      for (const [i, { data }] of alone.parameters.entries()) data.set(ownValues[a][i])
      times.push(await timed(oneAlone(a))())
      for (const [i, { data }] of alone.parameters.entries()) ownValues[a][i].set(data)
    }
    return { ms: sum(times.map(({ ms }) => ms)), cpu: sum(times.map(({ cpu }) => cpu)) }
  }

  await joint.gradients(
    batches,
    batches.map(() => factor),
  )
  let maxGradDiff = 0
  for (const a of each) {
    for (const [i, { data }] of alone.parameters.entries()) data.set(ownValues[a][i])
    await alone.gradients(batches[a], factor)
    for (const [i, { gradient }] of alone.parameters.entries())
      maxGradDiff = Math.max(maxGradDiff, relativeDifference(engines[a].parameters[i].gradient, gradient))
  }
  await together()
  await inTurn()
  const times = { together: [] as Timing[], inTurn: [] as Timing[] }
  for (let i = 0; i < repetitions; i++) {
    times.together.push(await together())
    times.inTurn.push(await inTurn())
  }
  const of = (timings: Timing[], name: keyof Timing): number => median(timings.map((timing) => timing[name]))
  const [togetherMs, inTurnMs] = [of(times.together, 'ms'), of(times.inTurn, 'ms')]
  return {
    task: program.task,
    adapters: A,
    parameters: sum(alone.parameters.map(({ data }) => data.length)),
    together_ms: round(togetherMs, 1),
    in_turn_ms: round(inTurnMs, 1),
    speedup: round(inTurnMs / togetherMs, 2),
    together_cpu_ms: round(of(times.together, 'cpu'), 1),
    in_turn_cpu_ms: round(of(times.inTurn, 'cpu'), 1),
    max_grad_diff: Number(maxGradDiff.toPrecision(3)),
    peak_mb: Math.round(process.resourceUsage().maxRSS / 1024),
  }
}

interface Timing {
  ms: number
  cpu: number
}

const timed = (work: () => Promise<void>) => async (): Promise<Timing> => {
  const start = performance.now()
  const before = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(before)
  return { ms: performance.now() - start, cpu: (user + system) / 1000 }
}

const update = async (parameters: readonly Parameter[], optimizer: AdamW): Promise<void> => {
  await clipGradientNorm(parameters, 1)
  await optimizer.step(1e-4)
}

const relativeDifference = (got: Float32Array, expected: Float32Array): number => {
  let [difference, largest] = [0, 0]
  for (let i = 0; i < expected.length; i++) {
    difference = Math.max(difference, Math.abs(got[i] - expected[i]))
    largest = Math.max(largest, Math.abs(expected[i]))
  }
  return difference === 0 ? 0 : difference / largest
}
