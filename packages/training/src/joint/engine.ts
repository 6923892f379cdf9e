import type { Binding, Session, Tensor } from '@weft/ort'
import { type BatchTensors, batchTensors, type LayoutOptions, type TokenBatch } from '../batch/batch-tensors.ts'
import { encoderDecoderTensors } from '../batch/encoder-decoder-tensors.ts'
import { type GraphEngine, reading } from '../graph/engine.ts'
import type { GraphHost } from '../graph/graph-host.ts'
import { trainingSession } from '../graph/training-session.ts'
import { contextKey, contextTensors, noContext } from '../regularize/frozen-context.ts'
import { jointBatch, lossSpans } from './batch.ts'
import { buildJointGraph, checkJoint, type JointMember, jointBucket, jointGates, jointPlacement, ofAdapter, sharedContext } from './graph.ts'

interface JointEngineOptions extends GraphHost {
  /** One an adapter: their parameters are trained. */
  engines: readonly GraphEngine[]
  layout?: LayoutOptions
}

interface Prepared {
  session: Session
  binding: Binding
  batch: BatchTensors
  /** `[A,M]` */
  weights: Tensor<'float32'>
  /** `[M]` an adapter. */
  targets: Tensor<'int64'>[]
  losses: Tensor<'float32'>
}

/**
 * Trains several adapters in one forward and backward pass over one frozen base. Each has rows of its own in the batch and gets the
 * gradient it would get alone; optimizers and clipping are the caller's, one an adapter.
 */
export class JointEngine implements Disposable {
  readonly #options: JointEngineOptions
  readonly #prepared = new Map<string, Prepared>()
  readonly #frozen = new WeakMap<Float32Array, Tensor<'float32'>>()
  readonly #owned: Disposable[] = []

  /** @throws TrainingError `joint_models_differ`, `joint_tasks_differ` */
  constructor(options: JointEngineOptions) {
    checkJoint(options.engines.map(({ program }) => program))
    this.#options = options
  }

  /** Writes d(factor · Σ weight·nll) of each adapter's own batch into its parameters' gradients; returns those losses. */
  async gradients(batches: readonly TokenBatch[], factors: readonly number[]): Promise<number[]> {
    const members = this.#options.engines.map(
      ({ program }, a): JointMember => ({ program, bucket: batches[a].bucket, context: batches[a].context ?? noContext }),
    )
    const { session, binding, batch, weights, targets, losses } = await this.#prepare(members)
    for (const [name, tensor] of Object.entries(this.#contextTensors(members, session))) binding.set(name, tensor)
    const joint = jointBatch(members[0].program.task, batches, factors)
    batch.write(joint, 1)
    const all = { weights: batch.inputs.weights.data as Float32Array, targets: batch.inputs.targets.data as BigInt64Array }
    weights.data.fill(0)
    for (const [a, [from, to]] of lossSpans(joint, batches).entries()) {
      weights.data.set(all.weights.subarray(from, to), a * all.weights.length + from)
      targets[a].data.fill(0n)
      targets[a].data.set(all.targets.subarray(from, to), from)
    }
    await binding.run()
    return [...losses.data]
  }

  [Symbol.dispose](): void {
    for (const owned of this.#owned.splice(0).reverse()) owned[Symbol.dispose]()
    this.#prepared.clear()
  }

  /** Frozen tensors, each made once. */
  #contextTensors(members: readonly JointMember[], { inputs }: Session): Record<string, Tensor> {
    const wanted = new Set(inputs.map(({ name }) => name))
    return Object.fromEntries(
      [...contextTensors(sharedContext(members))]
        .filter(([name]) => wanted.has(name))
        .map(([name, { shape, data }]) => {
          const tensor = this.#frozen.get(data) ?? this.#own(this.#options.runtime.tensor('float32', shape, Float32Array.from(data)))
          this.#frozen.set(data, tensor)
          return [name, tensor]
        }),
    )
  }

  async #prepare(members: readonly JointMember[]): Promise<Prepared> {
    const { engines, runtime, attention, layout } = this.#options
    const [{ program }] = members
    const bucket = jointBucket(
      program.task,
      members.map((member) => member.bucket),
    )
    const frozen = sharedContext(members).before
    // Whose context is the same is part of the graph: it acts once.
    const contexts =
      frozen.length === 0
        ? ''
        : JSON.stringify(members.map(({ context }) => [contextKey(context), [...context.before, ...context.after].map((each) => frozen.indexOf(each))]))
    const key = `${members.map((member) => member.bucket.rows).join('+')}x${bucket.length} ${bucket.lossRows} ${bucket.targets ?? ''}${contexts}`
    const known = this.#prepared.get(key)
    if (known) return known
    const session = this.#own(await trainingSession(this.#options, program.model, () => buildJointGraph(members)))
    const placement = jointPlacement(members)
    const { model } = program
    const batch = model.spec.encoderDecoder
      ? encoderDecoderTensors(runtime, bucket, placement, model)
      : batchTensors(runtime, bucket, placement, attention, { ...reading(program), ...layout, gates: jointGates(members) })
    for (const input of Object.values(batch.inputs)) this.#own(input)
    const weights = this.#own(runtime.tensor('float32', [members.length, bucket.lossRows]))
    const targets = members.map(() => this.#own(runtime.tensor('int64', [bucket.lossRows])))
    const losses = this.#own(runtime.tensor('float32', [members.length]))
    const own = (of: (engine: GraphEngine, a: number) => Record<string, Tensor>): Record<string, Tensor> =>
      Object.fromEntries(engines.flatMap((engine, a) => Object.entries(of(engine, a)).map(([name, tensor]) => [ofAdapter(a, name), tensor])))
    const inputs: Record<string, Tensor> = {
      ...batch.inputs,
      ...this.#contextTensors(members, session),
      weights,
      ...own(({ tensors }, a) => ({ ...tensors.inputs, targets: targets[a] })),
    }
    const binding = this.#own(
      session.bind({
        inputs: Object.fromEntries(session.inputs.map(({ name }) => [name, inputs[name]])),
        outputs: { losses, ...own(({ tensors }) => tensors.gradients) },
      }),
    )
    const prepared = { session, binding, batch, weights, targets, losses }
    this.#prepared.set(key, prepared)
    return prepared
  }

  #own<T extends Disposable>(resource: T): T {
    this.#owned.push(resource)
    return resource
  }
}
