import { MASKED, type PlacedComposition } from '@weft/adapters'
import { KEY_BIAS_INDEX, prefixPositions, relativeBuckets } from '@weft/model'
import { Disposables } from '@weft/ort/disposables'
import { type AdapterTensors, inputsFor, type KeyedInputs, keyBiasIndex } from '../compositions/adapter-tensors.ts'
import { tokenEmbeds } from '../compositions/embeds.ts'
import { valuesOf } from '../compositions/placed.ts'
import { SlotBank } from '../decoder/bank/slot-bank.ts'
import type { Row } from '../generation/row.ts'
import type { Asker } from '../scheduler/asker.ts'
import type { DecodeBatch } from '../scheduler/scheduler.ts'
import type { Work } from '../scheduler/work.ts'
import { AnswerCache } from './answer-cache.ts'
import { asked, type EncoderDecoderForward, names } from './forward.ts'
import { QuestionReading } from './question-reading.ts'
import type { SessionPair } from './sessions.ts'

/** A prompt behind a composition, and the row that tells of the answer. */
export interface Question {
  row: Row
  composition: PlacedComposition
  layers: AdapterTensors | null
}

/** An answer in progress. Its row of the cache is its index. */
interface Answer extends Question {
  /** What the next step is fed. */
  token: number
  /** Position of each slot in use: tokens count from 0, and prefixes end before them. */
  positions: number[]
}

/** Answers of an encoder-decoder: every prompt is read once, and all answers in progress grow by a token in one step, whatever they compose. */
export class Answers implements DecodeBatch {
  readonly #forward: EncoderDecoderForward
  readonly #maxBatch: number
  readonly #startToken: number
  readonly #cache: AnswerCache
  readonly #bank: SlotBank
  #answers: Answer[] = []
  /** The sessions of the last step. */
  #held: { layers: KeyedInputs | null; pair: SessionPair } | undefined

  constructor(forward: EncoderDecoderForward, maxBatch: number, startToken: number) {
    const { runtime, model } = forward.sessions
    this.#forward = forward
    this.#maxBatch = maxBatch
    this.#startToken = startToken
    this.#cache = new AnswerCache(runtime, model.spec)
    this.#bank = new SlotBank(runtime)
  }

  get size(): number {
    return this.#answers.length
  }

  /** The reading of a question's prompt, after which its answer grows with the others. */
  reading(question: Question): Work {
    return new QuestionReading(question.row, { fits: () => this.size < this.#maxBatch, read: () => this.#read(question) })
  }

  async decode(): Promise<readonly Asker[]> {
    this.#compact()
    const answers = this.#answers
    if (answers.length === 0) return []
    try {
      const logits = await this.#step(answers)
      const V = logits.length / answers.length
      for (const [i, answer] of answers.entries()) {
        const { row } = answer
        row.sequence.position++
        if (!row.finished) row.accept(logits.subarray(i * V, (i + 1) * V))
        answer.token = row.token
      }
    } catch (error) {
      for (const { row } of answers) row.fail(error)
    }
    const served = answers.map(({ row }) => row.request.asker ?? {})
    this.#compact()
    return served
  }

  rest(): void {
    this.#letGo()
    this.#bank[Symbol.dispose]()
    this.#cache[Symbol.dispose]()
  }

  async #read({ row, composition, layers }: Question): Promise<void> {
    using read = await this.#forward.read(row.request.prompt, composition, layers)
    const { placement } = composition
    const { numLayers, numHeads: N, headDim: D } = this.#forward.sessions.model.spec
    const P = placement.prefix
    const seen = read.read.encoder_attention_bias.data
    const place = this.#answers.length
    this.#cache.reserve(place + 1, P + 1, seen.length)
    this.#cache.readPrompt(
      place,
      names('cross', numLayers).map((name) => read.read[name].data),
      seen,
    )
    const prefix = P > 0 ? valuesOf(composition, 'keyValue.prefix')! : undefined // [L,2,N,P,D]
    for (let i = 0; prefix && i < 2 * numLayers; i++) this.#cache.write(place, i, prefix.subarray(i * N * P * D, (i + 1) * N * P * D), P, 0)
    row.sequence.position = placement.longestPrefix
    this.#answers.push({ row, composition, layers, token: this.#startToken, positions: P > 0 ? [...prefixPositions(placement.prefixLengths)] : [] })
  }

  /** One token for every answer: `[B,V]`. */
  async #step(answers: readonly Answer[]): Promise<Float32Array> {
    const { sessions, relative } = this.#forward
    const {
      runtime,
      embedding,
      model: {
        spec: { hiddenSize: H, numLayers, numHeads: N, headDim: D, vocabSize: V },
      },
    } = sessions
    const B = answers.length
    const cache = this.#cache
    cache.reserve(B, 1 + Math.max(...answers.map(({ positions }) => positions.length)), 1)
    const C = cache.capacity
    const rows = answers.map(({ layers }) => layers)
    const layers = inputsFor(rows)
    const session = await this.#pair(layers).decoder()
    const acting = layers === null ? [] : layers.perRow ? await this.#bank.of(session, layers, rows) : [await sessions.shared.of(session, rows[0]!)]
    using scope = new Disposables()
    const embeds = scope.use(runtime.tensor('float32', [B, 1, H]))
    tokenEmbeds(
      answers.map(({ token }) => token),
      embedding,
    ).write(embeds.data, 0, B)
    const buckets = scope.use(runtime.tensor('int64', [B, 1, C + 1]))
    const bias = scope.use(runtime.tensor('float32', [B, 1, 1, C + 1]))
    bias.data.fill(MASKED)
    for (const [b, { positions, composition }] of answers.entries()) {
      const { placement } = composition
      const columns = new Int32Array(C + 1)
      columns.set(positions)
      columns[C] = positions.length - placement.prefix
      relativeBuckets(columns.subarray(C), columns, relative.decoder, buckets.data as BigInt64Array<ArrayBuffer>, b * (C + 1))
      const row = bias.data.subarray(b * (C + 1), (b + 1) * (C + 1))
      row.fill(0, 0, positions.length).fill(0, C)
      if (placement.prefixBias) row.set(placement.prefixBias)
    }
    const logits = scope.use(runtime.tensor('float32', [B, V]))
    const present = names('present', numLayers).map((name) => [name, scope.use(runtime.tensor('float32', [B, N, 1, D]))] as const)
    const index = scope.use(runtime.tensor('int64', [C + 1], keyBiasIndex(answers, C + 1)))
    const held = cache.inputs(B)
    for (const view of Object.values(held)) scope.use(view)
    const inputs = { inputs_embeds: embeds, attention_bias: bias, decoder_buckets: buckets, [KEY_BIAS_INDEX]: index, ...held, ...Object.assign({}, ...acting) }
    const binding = scope.use(session.bind({ inputs: asked(session, inputs), outputs: { logits, ...Object.fromEntries(present) } }))
    await binding.run()
    for (const [b, { positions, composition }] of answers.entries()) {
      for (const [i, [, { data }]] of present.entries()) cache.write(b, i, data.subarray(b * N * D, (b + 1) * N * D), 1, positions.length)
      positions.push(positions.length - composition.placement.prefix)
    }
    return logits.data.slice()
  }

  /** Kept from step to step, so that what others ask for meanwhile does not take its place. */
  #pair(layers: KeyedInputs | null): SessionPair {
    if (this.#held && this.#held.layers?.key === layers?.key) return this.#held.pair
    this.#letGo()
    this.#held = { layers, pair: this.#forward.pairs.take(layers) }
    return this.#held.pair
  }

  #letGo(): void {
    if (this.#held) this.#forward.pairs.giveBack(this.#held.pair)
    this.#held = undefined
  }

  /** Fills the places of answers that have ended. */
  #compact(): void {
    for (let i = this.#answers.length - 1; i >= 0; i--) {
      if (!this.#answers[i].row.finished) continue
      const last = this.#answers.pop()!
      if (i === this.#answers.length) continue
      this.#cache.move(this.#answers.length, i)
      this.#answers[i] = last
    }
  }
}
