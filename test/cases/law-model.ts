import { type BatchPlacement, type Composed, type FloatTensor, inputsKey, placedComposition, Random, rowWidth, tokenGate } from '@weft/adapters'
import { adapterHooks, constants } from '@weft/adapters/hooks'
import { GraphBuilder, type Value } from '@weft/graph'
import {
  AttentionInputs,
  encoderDecoderLayout,
  forwardInputs,
  type ModelShape,
  RandomWeights,
  TokenEmbedding,
  trainingForward,
  trainingLayout,
} from '@weft/model'
import { encodeModel } from '@weft/onnx'
import { openRuntime, type Session } from '@weft/ort'

/** Consecutive rows of a batch under compositions: one, or several that hooks put side by side. */
export interface ComposedRows {
  composed: Composed[]
  texts: number[][]
}

/** A model of random weights that answers batches of composed rows through its training graph. Compositions come in as graph inputs. */
export class LawModel implements Disposable {
  readonly #shape: ModelShape
  readonly #runtime = openRuntime()
  readonly #weights = this.#runtime.weights()
  readonly #attention: AttentionInputs
  readonly #embedding: TokenEmbedding
  readonly #sessions = new Map<string, Session>()

  constructor(shape: ModelShape) {
    this.#shape = shape
    this.#attention = new AttentionInputs(shape)
    const random = new RandomWeights(shape.spec.weights, { std: 0.25 })
    const noise = new Random('norms and biases')
    for (const name of random.names) {
      const values = random.readSync(name)
      this.#weights.set(
        name,
        this.#runtime.tensor('float32', random.shape(name), random.shape(name).length > 1 ? values : values.map((value) => value + noise.normal(0, 0.2))),
      )
    }
    this.#embedding = new TokenEmbedding(shape, (name) => random.readSync(name))
  }

  get spec() {
    return this.#shape.spec
  }

  [Symbol.dispose](): void {
    for (const session of this.#sessions.values()) session.dispose()
    this.#weights.dispose()
    this.#runtime.dispose()
  }

  /**
   * Logits `[n, V]` at each text's tokens; hidden states `[n, H]` of a model that predicts none. An encoder-decoder reads the text and
   * answers it. `width` is that of the batch, T.
   */
  async answers(
    groups: readonly ComposedRows[],
    { width = Math.max(...groups.flatMap(({ texts }) => texts.map((text) => text.length))), padding = 'right' as 'left' | 'right' } = {},
  ): Promise<Float32Array[]> {
    const { architecture, config, spec } = this.#shape
    const texts = groups.flatMap((group) => group.texts)
    const B = texts.length
    const g = new GraphBuilder('laws')
    const feeds: Record<string, Numbers> = {}
    const placed = groups.map(({ composed }) => composed.map((each) => placedComposition(each, spec, (text) => this.#embed(text))))
    const columns = spec.encoderDecoder ? undefined : { rows: B, length: width }
    const hooks = adapterHooks(
      g,
      placed.map((stack, i) => ({ rows: groups[i].texts.length, adapters: stack.map((each, n) => constants(g, `${i}.${n}`, each, columns)) })),
    )
    const encode = (): Uint8Array => {
      const { hidden, overVocabulary } = trainingForward(g, this.#shape, hooks, { batch: B, tokens: width, targets: width })
      const logits = (): Value => {
        const { rows, weight } = overVocabulary(hidden)
        return g.gemm(rows, weight, { transB: true })
      }
      g.output('answers', architecture.outputProjection(config) === null ? hidden : logits())
      return encodeModel(g.build())
    }
    const known = this.#layout(texts, width, padding, hooks.placement)
    const rows = texts.map((tokens, b) => ({ tokens, first: known.first[b] - b * (hooks.placement.rows + width) - hooks.placement.rows }))
    for (const [i, stack] of placed.entries())
      for (const [n, { inputs }] of stack.entries())
        for (const { name, tensor, invocations } of inputs) feeds[`${i}.${n}.${name}`] = invocations ? tokenGate(rows, width, invocations) : tensor.data
    const { answers, size } = await this.#run(
      JSON.stringify([width, placed.map((stack, i) => [stack.map(({ inputs }) => inputsKey(inputs)), groups[i].texts.length])]),
      encode,
      {
        ...known.inputs,
        ...feeds,
      },
    )
    return texts
      .map((text, b) => answers.slice(known.first[b] * size, (known.first[b] + text.length) * size))
      .map((rows) => {
        if (!rows.every(Number.isFinite)) throw new TypeError(`${spec.architecture}: an answer is not finite`)
        return rows
      })
  }

  #layout(texts: readonly number[][], T: number, padding: 'left' | 'right', placement: BatchPlacement) {
    const { architecture, config, spec } = this.#shape
    if (architecture.encoderDecoder) {
      const layout = encoderDecoderLayout({
        placement,
        rows: texts.map((tokens) => ({ tokens, labels: tokens })),
        tokens: T,
        targets: T,
        relative: architecture.encoderDecoder.relativePositions(config),
        decoderStartTokenId: spec.encoderDecoder!.decoderStartTokenId,
      })
      return {
        first: texts.map((_, b) => b * T),
        inputs: {
          input_ids: layout.inputIds,
          encoder_attention_bias: layout.encoderAttentionBias,
          encoder_buckets: layout.encoderBuckets,
          decoder_input_ids: layout.decoderInputIds,
          attention_bias: layout.attentionBias,
          decoder_buckets: layout.decoderBuckets,
        } as Record<string, Numbers>,
      }
    }
    const layout = trainingLayout({
      placement,
      rows: texts.map((tokens) => ({ tokens })),
      tokens: T,
      attention: this.#attention,
      padding,
    })
    return {
      first: texts.map((text, b) => Number(layout.lastIndex[b]) + 1 - text.length),
      inputs: Object.fromEntries(Object.entries(forwardInputs(this.#attention, layout)).map(([name, { data }]) => [name, data as Numbers])),
    }
  }

  /** A text here is a list of token ids. */
  #embed(text: string): FloatTensor {
    const H = rowWidth(this.spec)
    const ids = idsOf(text)
    return { shape: [ids.length, H], data: this.#embedding.rows(ids) }
  }

  /** Compositions of equal shapes share a session. */
  async #run(key: string, encode: () => Uint8Array, feeds: Record<string, Numbers>): Promise<{ answers: Float32Array; size: number }> {
    const session = this.#sessions.get(key) ?? this.#runtime.session(encode(), { weights: this.#weights, threads: 1 })
    this.#sessions.set(key, session)
    const inputs = Object.fromEntries(
      session.inputs.map(({ name, dtype, shape }) => [
        name,
        this.#runtime.tensor(dtype as 'float32', shape as number[], feeds[name] as Float32Array<ArrayBuffer>),
      ]),
    )
    const [rows, size] = session.outputs[0].shape as number[]
    const answers = this.#runtime.tensor('float32', [rows, size])
    using binding = session.bind({ inputs, outputs: { answers } })
    await binding.run()
    return { answers: answers.data.slice(), size }
  }
}

type Numbers = Float32Array | BigInt64Array

const idsOf = (text: string): number[] => text.trim().split(' ').map(Number)
