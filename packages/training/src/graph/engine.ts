import type { Graph } from '@weft/graph'
import { loadGraph } from '@weft/inference/load-graph'
import { float32Precision } from '@weft/model'
import type { Binding, Session, Tensor } from '@weft/ort'
import { type BatchTensors, batchTensors, type LayoutOptions, type TokenBatch } from '../batch/batch-tensors.ts'
import type { Bucket } from '../batch/batches.ts'
import { encoderDecoderTensors } from '../batch/encoder-decoder-tensors.ts'
import { contextKey, contextTensors, type FrozenContext, noContext } from '../regularize/frozen-context.ts'
import type { TrainingEngine } from '../run/loop.ts'
import { gatesOf } from './gates.ts'
import {
  buildDivergenceGraph,
  buildEncodeGraph,
  buildFeaturesGraph,
  buildHiddenGraph,
  buildLogitsGraph,
  buildProjectionGraph,
  buildTrainingGraph,
  gradientName,
  inputName,
  parameterSlots,
  programPlacement,
  type TrainingProgram,
} from './graph.ts'
import type { GraphHost } from './graph-host.ts'
import { hasHead, readsAt } from './head.ts'
import type { Parameter } from './parameter.ts'
import { trainingSession } from './training-session.ts'

export interface GraphEngineOptions extends GraphHost {
  program: TrainingProgram
  /** Initial values of every slot, trained or not. */
  values: Readonly<Record<string, Float32Array>>
  layout?: LayoutOptions
}

type Output = 'gradients' | 'loss' | 'logits' | 'all logits' | 'hidden' | 'features' | 'divergence'
interface Prepared {
  session: Session
  binding: Binding
  batch: BatchTensors
  output: Tensor<'float32'>
  /** Whose tensors are bound. */
  context: FrozenContext
  teacher?: Tensor<'float32'>
  /** `[B]` */
  taskIds?: Tensor<'int64'>
}

/**
 * Runs training graphs. A session is made for each bucket and output at first use; all of them read the same parameters
 * in place and share the frozen weights.
 */
export class GraphEngine implements TrainingEngine<TokenBatch>, Disposable {
  readonly parameters: readonly Parameter[]
  readonly #options: Omit<GraphEngineOptions, 'values'>
  /** Every slot by its input's name, and what is trained by its gradient's: to be bound to other graphs too. */
  readonly tensors: Record<'inputs' | 'gradients', Record<string, Tensor<'float32'>>> = { inputs: {}, gradients: {} }
  readonly #prepared = new Map<string, Prepared>()
  /** One for all buckets: what reads tokens is no part of it. */
  readonly #projections = new Map<string, Session>()
  readonly #frozen = new WeakMap<Float32Array, Tensor<'float32'>>()
  readonly #owned: Disposable[] = []

  constructor(options: GraphEngineOptions) {
    // The tensors hold them from here on: of a whole model's weights a second copy is much.
    const { values, ...kept } = options
    this.#options = kept
    const { runtime, program } = options
    const parameters: Parameter[] = []
    for (const { name, shape, trainable, lrScale } of parameterSlots(program)) {
      const input = this.#own(runtime.tensor('float32', shape, values[name] as Float32Array<ArrayBuffer>))
      this.tensors.inputs[inputName(name)] = input
      if (!trainable) continue
      const gradient = this.#own(runtime.tensor('float32', shape))
      this.tensors.gradients[gradientName(name)] = gradient
      parameters.push({ name, shape, data: input.data, gradient: gradient.data, lrScale })
    }
    this.parameters = parameters
  }

  get program(): TrainingProgram {
    return this.#options.program
  }

  async gradients(batch: TokenBatch, factor: number, scale = 1): Promise<number> {
    if (batch.klToTeacher) return (await this.#run('divergence', batch, (scale * batch.klToTeacher.share) / weightOf(batch))).data[0] / scale
    return (await this.#run('gradients', batch, scale * factor)).data[0] / scale
  }

  /** factor · Σ weight·nll of a batch, without gradients. */
  async loss(batch: TokenBatch, factor: number): Promise<number> {
    return (await this.#run('loss', batch, factor)).data[0]
  }

  /** Logits of the batch's loss rows: `[M, V]`, or `[M, C]` of a classifier, whose row b is M's entry b. A view that the next call overwrites. */
  async logits(batch: TokenBatch): Promise<Tensor<'float32'>> {
    return this.#run('logits', batch, 1)
  }

  /** Logits at every position of the batch, `[B·S, V]`. A view that the next call overwrites. */
  async allLogits(batch: TokenBatch): Promise<Tensor<'float32'>> {
    return this.#run('all logits', batch, 1)
  }

  /** Hidden states of the batch's loss rows, `[M, H]`. A view that the next call overwrites. */
  async hidden(batch: TokenBatch): Promise<Tensor<'float32'>> {
    return this.#run('hidden', batch, 1)
  }

  /**
   * Logits `[m, V]` of some of the rows that `hidden` gave of a batch: what a whole batch has of them would be the largest tensor of all. The caller
   * disposes of them.
   */
  async project(hidden: Float32Array, { bucket, context = noContext }: Pick<TokenBatch, 'bucket' | 'context'>): Promise<Tensor<'float32'>> {
    const { runtime, program } = this.#options
    const { hiddenSize, vocabSize } = program.model.spec
    const session = await this.#projection(bucket, context)
    const m = hidden.length / hiddenSize
    using rows = runtime.tensor('float32', [m, hiddenSize], hidden as Float32Array<ArrayBuffer>)
    const logits = runtime.tensor('float32', [m, vocabSize])
    const given = { ...this.tensors.inputs, ...this.#contextTensors(context, session), hidden: rows }
    using binding = session.bind({ inputs: pick(given, session), outputs: { logits } })
    await binding.run()
    return logits
  }

  /** What the head reads of the batch's loss rows, `[M, H]`. A view that the next call overwrites. */
  async features(batch: TokenBatch): Promise<Tensor<'float32'>> {
    return this.#run('features', batch, 1)
  }

  /** The method's site tensors for the parameters as they are now: `{ 'inputsEmbeds.rows': … }`. */
  async encode(): Promise<Record<string, { shape: number[]; data: Float32Array }>> {
    const { program, runtime, weights, session: options } = this.#options
    const graph = buildEncodeGraph(program)
    if (graph.outputs.length === 0) return {}
    using session = await loadGraph(
      runtime,
      graph,
      { ...program.model, precision: float32Precision },
      { ...options, device: 'cpu', ...(!weights.onDevice && { weights }) },
    )
    const outputs = Object.fromEntries(session.outputs.map((o) => [o.name, runtime.tensor('float32', o.shape as number[])]))
    try {
      using binding = session.bind({ inputs: pick(this.tensors.inputs, session), outputs })
      await binding.run()
      return Object.fromEntries(Object.entries(outputs).map(([name, t]) => [name, { shape: [...t.shape], data: t.data.slice() }]))
    } finally {
      for (const output of Object.values(outputs)) output.dispose()
    }
  }

  /** Profiles of the sessions made with `session: { profile: true }`, by output. */
  profiles() {
    return [...this.#prepared].map(([key, { session }]) => ({ key, profile: session.readProfile() }))
  }

  [Symbol.dispose](): void {
    for (const owned of this.#owned.splice(0).reverse()) owned[Symbol.dispose]()
    this.#prepared.clear()
  }

  async #run(output: Output, batch: TokenBatch, factor: number): Promise<Tensor<'float32'>> {
    const prepared = await this.#prepare(output, batch.bucket, batch.context ?? noContext)
    this.#bindContext(prepared, batch.context ?? noContext)
    if (batch.klToTeacher) prepared.teacher?.data.set(batch.klToTeacher.hidden)
    prepared.taskIds?.data.set(BigInt64Array.from({ length: batch.bucket.rows }, (_, b) => BigInt(batch.rows[b]?.taskId ?? 0)))
    prepared.batch.write(batch, factor)
    await prepared.binding.run()
    this.#options.onRows?.(batch.rows.length)
    return prepared.output
  }

  /** Binds a context's tensors. Each is made once, however many sessions and batches it takes part in. */
  #bindContext(prepared: Prepared, context: FrozenContext): void {
    if (prepared.context === context) return
    for (const [name, tensor] of Object.entries(this.#contextTensors(context, prepared.session))) prepared.binding.set(name, tensor)
    prepared.context = context
  }

  #contextTensors(context: FrozenContext, { inputs }: Session): Record<string, Tensor> {
    const wanted = new Set(inputs.map(({ name }) => name))
    return Object.fromEntries(
      [...contextTensors(context)]
        .filter(([name]) => wanted.has(name))
        .map(([name, { shape, data }]) => {
          const known = this.#frozen.get(data)
          if (known) return [name, known]
          const made = this.#own(this.#options.runtime.tensor('float32', shape, Float32Array.from(data)))
          this.#frozen.set(data, made)
          return [name, made]
        }),
    )
  }

  async #prepare(output: Output, bucket: Bucket, context: FrozenContext): Promise<Prepared> {
    const key = `${output} ${bucket.rows}x${bucket.length} ${bucket.lossRows} ${bucket.targets ?? ''}${context === noContext ? '' : contextKey(context)}`
    const known = this.#prepared.get(key)
    if (known) return known
    const { runtime, attention, layout, program } = this.#options
    const placement = programPlacement(program, context)
    const session = this.#own(await trainingSession(this.#options, program.model, () => buildGraph(program, bucket, output, context)))
    const batch = program.model.spec.encoderDecoder
      ? encoderDecoderTensors(runtime, bucket, placement, program.model)
      : batchTensors(runtime, bucket, placement, attention, { ...reading(program, output), ...layout, gates: gatesOf(program, context) })
    for (const input of Object.values(batch.inputs)) this.#own(input)
    const name = resultName[output]
    const result = this.#own(runtime.tensor('float32', session.outputs.find((o) => o.name === name)!.shape as number[]))
    const teacher = output === 'divergence' ? this.#own(runtime.tensor('float32', [bucket.lossRows, program.model.spec.hiddenSize])) : undefined
    const taskIds = program.taskIds ? this.#own(runtime.tensor('int64', [bucket.rows])) : undefined
    const binding = this.#own(
      session.bind({
        inputs: pick(
          {
            ...this.tensors.inputs,
            ...batch.inputs,
            ...(teacher && { teacher }),
            ...(taskIds && { task_ids: taskIds }),
            ...this.#contextTensors(context, session),
          },
          session,
        ),
        outputs: { [name]: result, ...((output === 'gradients' || output === 'divergence') && this.tensors.gradients) },
      }),
    )
    const prepared: Prepared = { session, binding, batch, output: result, context, ...(teacher && { teacher }), ...(taskIds && { taskIds }) }
    this.#prepared.set(key, prepared)
    return prepared
  }

  async #projection(bucket: Bucket, context: FrozenContext): Promise<Session> {
    const key = context === noContext ? '' : contextKey(context)
    const { program } = this.#options
    const made =
      this.#projections.get(key) ?? this.#own(await trainingSession(this.#options, program.model, () => buildProjectionGraph(program, bucket, context)))
    this.#projections.set(key, made)
    return made
  }

  #own<T extends Disposable>(resource: T): T {
    this.#owned.push(resource)
    return resource
  }
}

/** How the model reads a batch, and where its labels belong. What a teacher tells is always told of what comes next, whatever the task. */
export const reading = (program: TrainingProgram, output?: Output): LayoutOptions => {
  const at = readsAt(program)
  return { shifted: output === 'divergence' || !hasHead(program.task), ...(at && { pooledAt: at }) }
}

const resultName: Record<Output, string> = {
  gradients: 'loss',
  loss: 'loss',
  divergence: 'loss',
  logits: 'logits',
  'all logits': 'logits',
  hidden: 'hidden',
  features: 'features',
}

const buildGraph = (program: TrainingProgram, bucket: Bucket, output: Output, context: FrozenContext): Graph => {
  if (output === 'gradients' || output === 'loss') return buildTrainingGraph(program, bucket, output, context)
  if (output === 'divergence') return buildDivergenceGraph(program, bucket, context)
  if (output === 'features') return buildFeaturesGraph(program, bucket, context)
  if (output === 'hidden') return buildHiddenGraph(program, bucket, context)
  return buildLogitsGraph(program, bucket, output === 'logits' ? 'loss rows' : 'all rows', context)
}

/** Σ of a batch's own weights: what the divergence is a mean over, whatever the batch counts in its step. */
const weightOf = ({ rows }: TokenBatch): number => rows.reduce((sum, { weights }) => sum + weights.reduce((n, w) => n + w, 0), 0)

/** What this session has inputs for: a graph keeps no input that nothing reads. */
const pick = (tensors: Record<string, Tensor>, { inputs }: Session): Record<string, Tensor> =>
  Object.fromEntries(inputs.map(({ name }) => [name, tensors[name]]))
