import { type Composed, type FloatTensor, Random, type SiteValues, type Tensor, weaveGroups } from '@weft/adapters'
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

/** Consecutive rows of a batch under compositions: one, or several that the weave puts side by side. */
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
    this.#embedding = new TokenEmbedding(shape, random.readSync(shape.architecture.embedding(shape.config)))
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
    const woven = weaveGroups(
      g,
      groups.map(({ composed, texts }, i) => ({ rows: texts.length, adapters: composed.map((each, n) => this.#inputs(g, feeds, `${i}.${n}`, each)) })),
    )
    const each = woven.groups.map((group, i) => ({
      ...group,
      ...strengths(groups[i].composed),
      ...(groups[i].composed.length === 1 && prefixesOf(groups[i].composed[0])),
    }))
    const virtual = each.length === 1 ? each[0] : { numRows: woven.numRows, prefixLength: woven.prefixLength, longestPrefix: woven.longestPrefix, groups: each }
    const encode = (): Uint8Array => {
      const { hidden, head } = trainingForward(g, this.#shape, woven, { batch: B, tokens: width, targets: width })
      g.output('answers', architecture.head(config) === null ? hidden : g.gemm(hidden, head(), { transB: true }))
      return encodeModel(g.build())
    }
    const known = this.#layout(texts, width, padding, virtual)
    const { answers, size } = await this.#run(JSON.stringify([width, groups.map(({ composed, texts }) => [composed.map(shapesOf), texts.length])]), encode, {
      ...known.inputs,
      ...feeds,
    })
    return texts
      .map((text, b) => answers.slice(known.first[b] * size, (known.first[b] + text.length) * size))
      .map((rows) => {
        if (!rows.every(Number.isFinite)) throw new TypeError(`${spec.architecture}: an answer is not finite`)
        return rows
      })
  }

  #layout(
    texts: readonly number[][],
    T: number,
    padding: 'left' | 'right',
    virtual: Parameters<typeof trainingLayout>[0] extends infer O ? Omit<O, 'rows' | 'tokens' | 'attention'> : never,
  ) {
    const { architecture, config, spec } = this.#shape
    if (architecture.encoderDecoder) {
      const layout = encoderDecoderLayout({
        ...virtual,
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
      ...virtual,
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

  /** A composition's tensors as inputs: what takes positions as one block of rows, its texts embedded. */
  #inputs(g: GraphBuilder, feeds: Record<string, Numbers>, name: string, { segments, sites }: Composed): SiteValues {
    const input = (path: string, { shape, data }: Tensor): Value => {
      feeds[`${name}.${path}`] = data as Float32Array
      return g.input(`${name}.${path}`, 'float32', shape)
    }
    const H = this.spec.hiddenSize
    const rows = segments.flatMap((segment): FloatTensor[] => [segment.kind === 'rows' ? segment.rows : this.#embed(segment.text)])
    const block = rows.length
      ? { shape: [rows.reduce((sum, { shape }) => sum + shape[0], 0), H], data: Float32Array.from(rows.flatMap(({ data }) => [...data])) }
      : null
    return {
      ...(block && { inputsEmbeds: { rows: input('rows', block) } }),
      ...Object.fromEntries(
        Object.entries(sites).map(([site, state]) => [
          site,
          Object.fromEntries(
            Object.entries(state)
              .filter(([tensor]) => !(site === 'keyValue' && tensor === 'bias'))
              .map(([tensor, value]) => [tensor, input(`${site}.${tensor}`, value)]),
          ),
        ]),
      ),
    }
  }

  /** A text here is a list of token ids. */
  #embed(text: string): FloatTensor {
    const H = this.spec.hiddenSize
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

const prefixesOf = ({ longestPrefix, prefixLengths }: Composed) => ({ longestPrefix, ...(prefixLengths && { prefixLengths }) })

/** Log strengths of rows and columns, one composition after another. */
function strengths(composed: readonly Composed[]) {
  const rows = composed.flatMap(({ segments }) =>
    segments.flatMap((segment) =>
      segment.kind === 'rows' ? [...(segment.bias?.data ?? new Float32Array(segment.rows.shape[0]))] : idsOf(segment.text).map(() => segment.bias ?? 0),
    ),
  )
  const columns = composed.flatMap(({ sites: { keyValue } }) =>
    keyValue ? [...((keyValue.bias?.data as Float32Array) ?? new Float32Array(keyValue.prefix.shape[3]))] : [],
  )
  return { rowBias: Float32Array.from(rows), prefixBias: Float32Array.from(columns) }
}

const shapesOf = ({ segments, sites }: Composed): unknown => [
  segments.reduce((sum, segment) => sum + (segment.kind === 'rows' ? segment.rows.shape[0] : idsOf(segment.text).length), 0),
  Object.entries(sites).map(([site, state]) => [site, Object.entries(state).map(([name, { shape }]) => [name, shape])]),
]
