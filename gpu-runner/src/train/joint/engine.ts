import { encodeModel } from '@weft/onnx'
import type { RotaryTable } from '@weft/model'
import type { Binding, Device, Runtime, SessionOptions, Tensor, Weights } from '@weft/ort'
import { type BatchTensors, batchTensors, type LayoutOptions, type TokenBatch } from '../batch-tensors.ts'
import type { Bucket } from '../batches.ts'
import { parameterSlots } from '../graph.ts'
import type { Parameter } from '../parameter.ts'
import { sessionMemory } from '../session-memory.ts'
import { jointBatch, writeWeights } from './batch.ts'
import { buildJointGraph, checkJoint, gradientOf, inputOf, type JointPrograms, jointBucket, jointVirtualTokens } from './graph.ts'

export interface JointEngineOptions {
  programs: JointPrograms
  runtime: Runtime
  /** The frozen weights, shared with every other session of the model. */
  weights: Weights
  rotary: RotaryTable
  /** Initial values of every slot, an entry an adapter. */
  values: readonly Readonly<Record<string, Float32Array>>[]
  layout?: LayoutOptions
  device?: Device
  threads?: number
  session?: SessionOptions
}

interface Prepared { binding: Binding; batch: BatchTensors; weights: Tensor<'float32'>; losses: Tensor<'float32'> }

/**
 * Trains several adapters in one forward and backward pass over one frozen base. Each has rows of its own in the batch and gets the
 * gradient it would get alone; optimizers and clipping are the caller's, one an adapter.
 */
export class JointEngine implements Disposable {
  /** Of every adapter. */
  readonly parameters: readonly (readonly Parameter[])[]
  readonly #options: JointEngineOptions
  readonly #inputs: Record<string, Tensor<'float32'>> = {}
  readonly #gradients: Record<string, Tensor<'float32'>> = {}
  readonly #prepared = new Map<string, Prepared>()
  readonly #owned: Disposable[] = []

  /** @throws TrainingError `joint_models_differ`, `joint_task_not_supported` */
  constructor(options: JointEngineOptions) {
    checkJoint(options.programs)
    this.#options = options
    const { runtime, programs, values } = options
    this.parameters = programs.map((program, a) => parameterSlots(program).flatMap(({ name, shape, trainable }): Parameter[] => {
      const input = this.#own(runtime.tensor('float32', shape, values[a][name] as Float32Array<ArrayBuffer>))
      this.#inputs[inputOf(a, name)] = input
      if (!trainable) return []
      const gradient = this.#own(runtime.tensor('float32', shape))
      this.#gradients[gradientOf(a, name)] = gradient
      return [{ name, shape, data: input.data, gradient: gradient.data }]
    }))
  }

  /** Writes d(factor · Σ weight·nll) of each adapter's own batch into its parameters' gradients; returns those losses. */
  async gradients(batches: readonly TokenBatch[], factors: readonly number[]): Promise<number[]> {
    const { binding, batch, weights, losses } = await this.#prepare(batches.map(({ bucket }) => bucket))
    batch.write(jointBatch(batches, factors), 1)
    writeWeights(batches, batch.inputs.weights.data as Float32Array, weights.data)
    await binding.run()
    return [...losses.data]
  }

  [Symbol.dispose](): void {
    for (const owned of this.#owned.splice(0).reverse()) owned[Symbol.dispose]()
    this.#prepared.clear()
  }

  async #prepare(buckets: readonly Bucket[]): Promise<Prepared> {
    const key = buckets.map(({ rows, length, lossRows }) => `${rows}x${length} ${lossRows}`).join(', ')
    const known = this.#prepared.get(key)
    if (known) return known
    const { programs, runtime, rotary, layout, device = 'cpu', threads, session: options } = this.#options
    const bucket = jointBucket(buckets)
    const session = this.#own(await runtime.load(encodeModel(buildJointGraph(programs, buckets)), { ...sessionMemory, ...options, device, threads, weights: this.#options.weights }))
    const batch = batchTensors(runtime, bucket, jointVirtualTokens(programs, buckets), rotary, layout)
    for (const input of Object.values(batch.inputs)) this.#own(input)
    const weights = this.#own(runtime.tensor('float32', [programs.length, bucket.lossRows]))
    const losses = this.#own(runtime.tensor('float32', [programs.length]))
    const inputs: Record<string, Tensor> = { ...this.#inputs, ...batch.inputs, weights }
    const binding = this.#own(session.bind({
      inputs: Object.fromEntries(session.inputs.map(({ name }) => [name, inputs[name]])), outputs: { losses, ...this.#gradients },
    }))
    const prepared = { binding, batch, weights, losses }
    this.#prepared.set(key, prepared)
    return prepared
  }

  #own<T extends Disposable>(resource: T): T {
    this.#owned.push(resource)
    return resource
  }
}
