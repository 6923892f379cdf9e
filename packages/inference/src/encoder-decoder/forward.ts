import { MASKED, type PlacedComposition } from '@weft/adapters'
import { KEY_BIAS_INDEX, prefixPositions, type RelativePositions, relativeBuckets } from '@weft/model'
import type { Session, Tensor } from '@weft/ort'
import { Disposables } from '@weft/ort/disposables'
import { type AdapterTensors, keyBiasIndex } from '../compositions/adapter-tensors.ts'
import { tokenEmbeds } from '../compositions/embeds.ts'
import { valuesOf } from '../compositions/placed.ts'
import type { ModelSessions } from '../model-sessions.ts'
import { EncoderDecoderSessions, type SessionPair } from './sessions.ts'

/** Fewest slots of a decoder's cache; a fuller one doubles. */
const SLOTS = 64

/** What an encoder made of a prompt behind a composition, and how far the decoder's answer to it has come. */
export interface Answering extends Disposable {
  composition: PlacedComposition
  layers: AdapterTensors | null
  sessions: SessionPair
  /** `cross.<i>.key`, `.value` and `encoder_attention_bias`. */
  read: Readonly<Record<string, Tensor<'float32'>>>
  /** `past_key_values.<i>.key`, `.value` `[1,N,C,D]`. */
  past: Record<string, Tensor<'float32'>>
  /** C */
  capacity: number
  /** Slots in use: the composition's prefixes, then tokens. */
  slots: number
  /** Position of each slot in use: tokens count from 0, and prefixes end before them. */
  positions: number[]
}

/** Runs of an encoder-decoder: the encoder once a prompt, the decoder a few tokens at a time. Not for concurrent use: a scheduler says whose turn it is. */
export class EncoderDecoderForward {
  readonly sessions: ModelSessions
  readonly pairs: EncoderDecoderSessions
  readonly relative: Record<'encoder' | 'decoder', RelativePositions>

  constructor(sessions: ModelSessions, threads: number) {
    const { architecture, config } = sessions.model
    this.sessions = sessions
    this.pairs = new EncoderDecoderSessions(sessions, threads)
    this.relative = architecture.encoderDecoder!.relativePositions(config)
  }

  /** Makes the sessions, so that nobody has to wait for them later. */
  async prepare(layers: AdapterTensors | null): Promise<void> {
    const pair = this.pairs.take(layers?.alone ?? null)
    try {
      await Promise.all([pair.encoder(), pair.decoder()])
    } finally {
      this.pairs.giveBack(pair)
    }
  }

  /** Reads a prompt: composed rows, then `tokens`. */
  async read(tokens: readonly number[], composition: PlacedComposition, layers: AdapterTensors | null): Promise<Answering> {
    const {
      runtime,
      embedding,
      model: {
        spec: { hiddenSize: H, numLayers, numHeads: N, headDim: D },
      },
    } = this.sessions
    const { placement } = composition
    const R = placement.rows
    const S = R + tokens.length
    using made = new Disposables()
    const pair = made.adopt(this.pairs.take(layers?.alone ?? null), (taken) => this.pairs.giveBack(taken))
    const session = await pair.encoder()
    using scope = new Disposables()
    const embeds = scope.use(runtime.tensor('float32', [1, S, H]))
    if (R > 0) embeds.data.set(valuesOf(composition, 'inputsEmbeds.rows')!)
    tokenEmbeds(tokens, embedding).write(embeds.data.subarray(R * H), 0, tokens.length)
    const columns = Int32Array.from({ length: S }, (_, i) => i)
    const buckets = scope.use(runtime.tensor('int64', [1, S, S], relativeBuckets(columns, columns, this.relative.encoder)))
    const seen = made.use(runtime.tensor('float32', [1, 1, 1, S]))
    if (placement.rowBias) seen.data.set(placement.rowBias)
    const cross = Object.fromEntries(names('cross', numLayers).map((name) => [name, made.use(runtime.tensor('float32', [1, N, S, D]))]))
    const inputs = { inputs_embeds: embeds, encoder_buckets: buckets, encoder_attention_bias: seen, ...(await this.#acting(session, layers)) }
    const binding = scope.use(session.bind({ inputs: asked(session, inputs), outputs: cross }))
    await binding.run()
    const answering: Answering = {
      composition,
      layers,
      sessions: pair,
      read: { ...cross, encoder_attention_bias: seen },
      past: {},
      capacity: 0,
      slots: 0,
      positions: [],
      [Symbol.dispose]() {
        for (const tensor of Object.values(this.past)) tensor.dispose()
        held[Symbol.dispose]()
      },
    }
    const held = made.move()
    this.#reserve(answering, placement.prefix)
    this.#loadPrefix(answering)
    return answering
  }

  /** Feeds tokens to the decoder; `[T,V]`, the logits after each of them. */
  async feed(answering: Answering, tokens: readonly number[]): Promise<Float32Array> {
    const {
      runtime,
      embedding,
      model: {
        spec: { hiddenSize: H, numLayers, numHeads: N, headDim: D, vocabSize },
      },
    } = this.sessions
    const T = tokens.length
    this.#reserve(answering, answering.slots + T)
    const { capacity: C, slots, positions } = answering
    const session = await answering.sessions.decoder()
    using scope = new Disposables()
    const embeds = scope.use(runtime.tensor('float32', [1, T, H]))
    tokenEmbeds(tokens, embedding).write(embeds.data, 0, T)
    const first = slots - answering.composition.placement.prefix
    const queries = Array.from({ length: T }, (_, t) => first + t)
    const columns = new Int32Array(C + T)
    columns.set(positions)
    columns.set(queries, C)
    const buckets = scope.use(runtime.tensor('int64', [1, T, C + T], relativeBuckets(queries, columns, this.relative.decoder)))
    const bias = scope.use(runtime.tensor('float32', [1, 1, T, C + T]))
    this.#mask(answering, bias.data, T)
    const logits = scope.use(runtime.tensor('float32', [T, vocabSize]))
    const present = Object.fromEntries(names('present', numLayers).map((name) => [name, scope.use(runtime.tensor('float32', [1, N, T, D]))]))
    const inputs = {
      inputs_embeds: embeds,
      attention_bias: bias,
      decoder_buckets: buckets,
      ...answering.read,
      ...answering.past,
      ...(await this.#acting(session, answering.layers)),
      [KEY_BIAS_INDEX]: scope.use(runtime.tensor('int64', [C + T], keyBiasIndex([answering], C + T))),
    }
    const binding = scope.use(session.bind({ inputs: asked(session, inputs), outputs: { logits, ...present } }))
    await binding.run()
    for (const [name, { data }] of Object.entries(present))
      copyHeads(data, T, answering.past[name.replace('present', 'past_key_values')].data, C, slots, { N, D })
    positions.push(...queries)
    answering.slots += T
    return logits.data.slice()
  }

  /** Forgets what was answered: the next token is the first again. */
  rewind(answering: Answering): void {
    answering.slots = answering.composition.placement.prefix
    answering.positions.length = answering.slots
  }

  close(): Promise<void> {
    return this.pairs.close()
  }

  /** Slots of the composition and of tokens are seen as strongly as they are meant to be, later tokens and unused slots not at all. */
  #mask({ composition: { placement }, capacity: C, slots }: Answering, bias: Float32Array, T: number): void {
    for (let t = 0; t < T; t++) {
      const row = bias.subarray(t * (C + T), (t + 1) * (C + T)).fill(MASKED)
      row.fill(0, 0, slots).fill(0, C, C + t + 1)
      if (placement.prefixBias) row.set(placement.prefixBias)
    }
  }

  #reserve(answering: Answering, slots: number): void {
    if (slots <= answering.capacity && answering.capacity > 0) return
    const {
      runtime,
      model: {
        spec: { numLayers, numHeads: N, headDim: D },
      },
    } = this.sessions
    let capacity = SLOTS
    while (capacity < slots) capacity *= 2
    for (const name of names('past_key_values', numLayers)) {
      const grown = runtime.tensor('float32', [1, N, capacity, D])
      const before = answering.past[name]
      if (before) copyHeads(before.data, answering.capacity, grown.data, capacity, 0, { N, D })
      before?.dispose()
      answering.past[name] = grown
    }
    answering.capacity = capacity
  }

  #loadPrefix(answering: Answering): void {
    const { placement } = answering.composition
    const P = placement.prefix
    if (P === 0) return
    const { numLayers, numHeads: N, headDim: D } = this.sessions.model.spec
    const values = valuesOf(answering.composition, 'keyValue.prefix')! // [L,2,N,P,D]
    for (const [i, name] of names('past_key_values', numLayers).entries()) {
      copyHeads(values.subarray(i * N * P * D, (i + 1) * N * P * D), P, answering.past[name].data, answering.capacity, 0, { N, D })
    }
    answering.positions = [...prefixPositions(placement.prefixLengths)]
    answering.slots = P
  }

  async #acting(session: Session, layers: AdapterTensors | null): Promise<Record<string, Tensor>> {
    return layers ? { ...(await this.sessions.shared.of(session, layers)) } : {}
  }
}

/** A name for the keys and one for the values of every layer, in the order of a prefix `[L,2,…]`. */
export const names = (of: string, numLayers: number): string[] => Array.from({ length: 2 * numLayers }, (_, i) => `${of}.${i >> 1}.${i % 2 ? 'value' : 'key'}`)

/** A session has inputs for what it reads: the encoder for nothing of the decoder's, and no graph for what it does not need. */
export const asked = (session: Session, inputs: Record<string, Tensor>): Record<string, Tensor> =>
  Object.fromEntries(session.inputs.map(({ name }) => [name, inputs[name]]))

/** `[N,n,D]` into slots `at …` of `[N,C,D]`. */
function copyHeads(from: Float32Array, n: number, into: Float32Array, C: number, at: number, { N, D }: { N: number; D: number }): void {
  for (let head = 0; head < N; head++) into.set(from.subarray(head * n * D, (head + 1) * n * D), (head * C + at) * D)
}
