import { cacheBias, type InferenceOptions, KEY_BIAS_INDEX } from '@weft/model'
import type { Session, Tensor } from '@weft/ort'
import { Mutex } from 'async-mutex'
import { type AdapterTensors, inputsFor, type KeyedInputs, keyBiasIndex } from '../compositions/adapter-tensors.ts'
import type { Embeds } from '../compositions/embeds.ts'
import type { ModelSessions } from '../model-sessions.ts'
import { biasTensors, positionTensors } from '../positions.ts'
import { emptySequence, type FixedPrefix, type Sequence } from '../sequence.ts'
import type { BoundTensors } from '../shared-tensors.ts'
import { SlotBank } from './bank/slot-bank.ts'
import { type Bound, bindLayers, rebind } from './bound-run.ts'
import { DeviceCache } from './cache/device-cache.ts'
import { HostCache } from './cache/host-cache.ts'
import { cacheNames, type KeyValueCache } from './cache/key-value-cache.ts'
import { asked, fusedInputs, productInputs, type Step, type StepInputs } from './step-inputs.ts'
import { gatesOf, openedAt, writeGates } from './token-gates.ts'

type Output = InferenceOptions['output']

/** One row of a decode step: its place, and the token it is fed. */
export interface DecodeRow {
  sequence: Sequence
  token: number
}

/**
 * Runs of a model over a key/value cache. A prefill is one row at a time, since the attention op takes several new tokens
 * only at batch 1 once slots are filled; a decode step is all rows at once, each with its own length.
 * Not for concurrent use: the caller awaits one run before the next.
 */
export class Forward implements Disposable {
  readonly sessions: ModelSessions
  readonly cache: KeyValueCache
  readonly #mutex: Mutex
  readonly #bindings = new Map<string, Bound>()
  /** Logits of every row of the cache, `[rows, V]`: all bindings write theirs there, since each run's are read before the next. */
  #logits: Tensor<'float32'> | undefined
  readonly #bank: SlotBank
  readonly #stepInputs: StepInputs
  /** The inputs for the rows of the last run. */
  #inputs: { kind: string; rows: readonly (AdapterTensors | null)[]; of: KeyedInputs | null } = { kind: '', rows: [], of: null }
  #version = -1
  #bankVersion = 0
  /** Places of the cache whose last run gave no numbers: what it left there would make none of the next row's either, since a weight of 0 times NaN is NaN. */
  readonly #spoilt = new Set<number>()

  private constructor(sessions: ModelSessions, cache: KeyValueCache, mutex: Mutex) {
    this.sessions = sessions
    this.cache = cache
    this.#mutex = mutex
    this.#bank = new SlotBank(sessions.runtime)
    this.#stepInputs = sessions.attentionKernel === 'fused' ? fusedInputs : productInputs(sessions.model.spec.numKeyValueHeads)
  }

  /** @param mutex shared with other runs that are not to be at the same time */
  static async open(sessions: ModelSessions, mutex = new Mutex()): Promise<Forward> {
    const { spec, precision } = sessions.model
    const onHost = sessions.device === 'cpu' && sessions.attentionKernel === 'fused'
    const cache = onHost ? new HostCache(sessions.runtime, spec, precision?.cache ?? precision?.compute ?? 'float32') : new DeviceCache(sessions)
    return new Forward(sessions, cache, mutex)
  }

  /**
   * Feeds rows `from` to `to` of `embeds` to one row of the cache and moves its sequence on.
   * @returns `lastLogits`: `[V]` of the last position; `logits`: `[T, V]`; `hidden`: `[T, H]`. It is overwritten by the next run.
   */
  async prefill(row: number, sequence: Sequence, embeds: Embeds, from: number, to: number, output: Output): Promise<Float32Array> {
    const {
      runtime,
      attention,
      model: { spec },
    } = this.sessions
    const T = to - from
    const step: Step = { cache: this.cache, first: row, sequences: [sequence], T }
    const bound = await this.#bind(row, output, [sequence])
    const { session, binding, tensors } = bound
    if (tensors.inputs_embeds?.shape[1] !== T) {
      rebind(binding, tensors, 'inputs_embeds', runtime.tensor('float32', [1, T, spec.hiddenSize]))
      this.#rebindTokens({ session, binding, tensors }, 1, T)
      if (output === 'logits') rebind(binding, tensors, 'logits', runtime.tensor('float32', [1, T, spec.vocabSize]))
      if (output === 'hidden') rebind(binding, tensors, 'hidden', runtime.tensor('float32', [1, T, spec.hiddenSize]))
    }
    embeds.write(floats(tensors.inputs_embeds), from, to)
    this.sessions.evictEmbedding()
    attention.writePositions(
      Array.from({ length: T }, (_, i) => sequence.position + i),
      tensors,
    )
    if (output === 'lastLogits') (tensors.last_index.data as BigInt64Array)[0] = BigInt(T - 1)
    this.#stepInputs.write(tensors, step)
    writeGates(runtime, bound, [sequence], T)
    if (sequence.bias) this.#bias({ session, binding, tensors }, step)
    await this.#mutex.runExclusive(() => binding.run())
    sequence.slots += T
    sequence.position += T
    const result = floats(output === 'hidden' ? tensors.hidden : tensors.logits)
    this.#look(row, result)
    return result
  }

  /** Starts a row anew behind a composition. @param tokens of what is asked of it, in which invocations are looked for */
  async start(row: number, fixed: FixedPrefix | null, tokens: readonly number[]): Promise<Sequence> {
    if (this.#spoilt.delete(this.cache.place(row))) await this.cache.clear?.(row)
    if (fixed === null) return emptySequence()
    if (fixed.slots > 0) await this.cache.load(row, fixed.keyValue, fixed.slots)
    const { slots, position, prefixLengths, bias, layers } = fixed
    return { slots, position, prefixLengths, bias, layers, opened: openedAt(layers, tokens, slots) }
  }

  /** Gives the cache's memory back; the next request makes it anew. */
  release(): void {
    this.#drop()
    this.releaseLayers()
    this.#spoilt.clear()
    this.cache[Symbol.dispose]()
  }

  /** Bytes of what is laid side by side for rows that do different things inside layers. */
  get layerBytes(): number {
    return this.#bank.bytes
  }

  /** Gives that back. */
  releaseLayers(): void {
    this.#forget(({ banked }) => banked)
    this.#bank[Symbol.dispose]()
    this.#inputs = { kind: '', rows: [], of: null }
  }

  /** Makes the session that decodes these rows together, so that no step has to wait for it. */
  async prepare(rows: readonly Pick<Sequence, 'bias' | 'layers'>[]): Promise<void> {
    const layers = inputsFor(rows.map((row) => row.layers))
    const bias = rows.some((row) => row.bias !== null)
    if (layers) await this.sessions.layered('lastLogits', bias, this.sessions.covering('lastLogits', bias, layers))
  }

  /**
   * One decode step over the first rows of the cache.
   * @param each is given every row's logits `[V]`, which are overwritten by the next run
   */
  async decode(rows: readonly DecodeRow[], each: (logits: Float32Array, index: number) => void): Promise<void> {
    const {
      runtime,
      attention,
      embedding,
      model: {
        spec: { hiddenSize: H, vocabSize: V, maxPositions },
      },
    } = this.sessions
    const B = rows.length
    const sequences = rows.map(({ sequence }) => sequence)
    const step: Step = { cache: this.cache, first: 0, sequences, T: 1 }
    const bound = await this.#bind(0, 'lastLogits', sequences)
    const { session, binding, tensors } = bound
    if (tensors.inputs_embeds?.shape[1] !== 1) {
      rebind(binding, tensors, 'inputs_embeds', runtime.tensor('float32', [B, 1, H]))
      this.#rebindTokens({ session, binding, tensors }, B, 1)
    }
    const last = tensors.last_index.data as BigInt64Array
    const embeds = floats(tensors.inputs_embeds)
    rows.forEach(({ token }, b) => {
      embedding.write(token, embeds, b)
      last[b] = BigInt(b)
    })
    this.sessions.evictEmbedding()
    // One that waits for the others of its request may stand behind the last position: what it is fed there is thrown away.
    attention.writePositions(
      rows.map(({ sequence }) => Math.min(sequence.position, maxPositions - 1)),
      tensors,
    )
    this.#stepInputs.write(tensors, step)
    writeGates(runtime, bound, sequences, 1)
    if (sequences.some(({ bias }) => bias !== null)) this.#bias({ session, binding, tensors }, step)
    await this.#mutex.runExclusive(() => binding.run())
    for (const { sequence } of rows) {
      sequence.slots++
      sequence.position++
    }
    const logits = floats(tensors.logits)
    for (let b = 0; b < B; b++) {
      const own = logits.subarray(b * V, (b + 1) * V)
      this.#look(b, own)
      each(own, b)
    }
  }

  /** Notes a row whose last position is told by what is no number. */
  #look(row: number, result: Float32Array): void {
    if (!Number.isFinite(result[result.length - 1])) this.#spoilt.add(this.cache.place(row))
  }

  #rebindTokens({ session, binding, tensors }: Pick<Bound, 'session' | 'binding' | 'tensors'>, count: number, T: number): void {
    const { runtime, attention } = this.sessions
    const made = { ...positionTensors(runtime, session, attention, count, T), ...asked(this.#stepInputs.ofTokens(runtime, count, T), session) }
    for (const [name, tensor] of Object.entries(made)) rebind(binding, tensors, name, tensor)
  }

  #bias({ session, binding, tensors }: Pick<Bound, 'session' | 'binding' | 'tensors'>, step: Step): void {
    const { runtime, attention } = this.sessions
    const { sequences, T } = step
    const { causalBias: causal } = this.#stepInputs
    const columns = this.#stepInputs.columns(step)
    const biases = biasTensors(runtime, attention, [sequences.length, 1, T, columns], (window) => cacheBias(sequences, T, columns, { window, causal }))
    for (const [name, tensor] of Object.entries(biases)) rebind(binding, tensors, name, tensor)
    if (session.inputs.some(({ name }) => name === KEY_BIAS_INDEX)) {
      rebind(binding, tensors, KEY_BIAS_INDEX, runtime.tensor('int64', [columns], keyBiasIndex(sequences, columns)))
    }
  }

  /** Bindings are made once per group of rows, output and session, and live until the cache grows. */
  async #bind(first: number, output: Output, sequences: readonly Sequence[]): Promise<Bound> {
    await this.cache.flush()
    const count = sequences.length
    const bias = sequences.some((sequence) => sequence.bias !== null)
    const rows = sequences.map(({ layers }) => layers)
    const layers = this.#inputsFor(output, bias, rows)
    const { session, bound } = await this.#session(output, bias, layers, rows)
    if (this.#version !== this.cache.version) {
      this.#drop()
      this.#version = this.cache.version
    }
    if (this.#bankVersion !== this.#bank.version) {
      this.#forget(({ banked }) => banked)
      this.#bankVersion = this.#bank.version
    }
    const name = `${first}+${count} ${output} ${bias} ${layers?.key ?? ''}`
    let known = this.#bindings.get(name)
    if (known?.session !== session) {
      // What sessions given up meanwhile still hold goes with their bindings.
      if (layers) this.#forget((bound) => bound === known || bound.session.isDisposed)
      known = this.#made(name, session, first, count, output, layers)
    }
    if (bound) bindLayers(known, bound)
    return known
  }

  #inputsFor(output: Output, bias: boolean, rows: readonly (AdapterTensors | null)[]): KeyedInputs | null {
    const kind = `${output} ${bias}`
    const last = this.#inputs
    if (kind === last.kind && rows.length === last.rows.length && rows.every((row, i) => row === last.rows[i])) return last.of
    const of = inputsFor(rows)
    this.#inputs = { kind, rows, of: of && this.sessions.covering(output, bias, of) }
    return this.#inputs.of
  }

  async #session(
    output: Output,
    bias: boolean,
    layers: KeyedInputs | null,
    rows: readonly (AdapterTensors | null)[],
  ): Promise<{ session: Session; bound?: readonly BoundTensors[] }> {
    if (layers === null) return { session: await this.sessions.session(output, bias) }
    for (;;) {
      const session = await this.sessions.layered(output, bias, layers)
      const bound = layers.perRow ? await this.#bank.of(session, layers, rows) : [await this.sessions.shared.of(session, rows[0]!)]
      // One that was asked for long ago may have given way to others while it was made.
      if (!session.isDisposed) return { session, bound }
    }
  }

  #made(name: string, session: Session, first: number, count: number, output: Output, inputs: KeyedInputs | null): Bound {
    const {
      runtime,
      model: { spec },
    } = this.sessions
    const tensors: Record<string, Tensor> = {
      ...asked(this.#stepInputs.ofRows(runtime, count, this.cache), session),
      ...(output === 'lastLogits' && { last_index: runtime.tensor('int64', [count]) }),
    }
    const { past, present } = cacheNames(this.cache.layers(first, count))
    this.#logits ??= runtime.tensor('float32', [this.cache.rows, spec.vocabSize])
    const logits: Record<string, Tensor> = output === 'lastLogits' ? { logits: this.#logits.view(0, [count, spec.vocabSize]) } : {}
    const binding = session.bind({ inputs: { ...tensors, ...past }, outputs: { ...logits, ...present } })
    const made: Bound = { session, banked: inputs?.perRow ?? false, binding, tensors: { ...tensors, ...logits }, gates: gatesOf(inputs) }
    this.#bindings.set(name, made)
    return made
  }

  #drop(): void {
    this.#forget(() => true)
    this.#logits?.dispose()
    this.#logits = undefined
  }

  #forget(which: (bound: Bound) => boolean): void {
    for (const [name, bound] of this.#bindings) {
      if (!which(bound)) continue
      bound.binding.dispose()
      for (const tensor of Object.values(bound.tensors)) tensor.dispose()
      this.#bindings.delete(name)
    }
  }

  [Symbol.dispose](): void {
    this.release()
  }
}

const floats = (tensor: Tensor) => tensor.data as Float32Array
