import { joined, Random, rowWidth, type SiteValues } from '@weft/adapters'
import { GraphBuilder, interpret, type TensorData, type Value } from '@weft/graph'
import {
  AttentionInputs,
  biasInput,
  cacheBias,
  forwardInputs,
  type InferenceOptions,
  inferenceGraph,
  type LayoutRow,
  type ModelShape,
  RandomWeights,
  TokenEmbedding,
  trainingForward,
  trainingLayout,
} from '@weft/model'
import { encodeModel } from '@weft/onnx'
import { openRuntime, type Runtime, type Session, type Tensor, type Weights } from '@weft/ort'
import { hooksOf } from './hooks.ts'

/** What stands before the tokens: rows `[P,H]`, prefixes `[L,2,K,P,D]`, and their log strengths. */
export interface Prompt {
  rows?: Float32Array
  prefixes?: { length: number; values: Float32Array }[]
  rowBias?: Float32Array
  prefixBias?: Float32Array
}
const SLOTS = 24

/** A model of random weights with both lowerings at hand. */
export class TinyModel {
  readonly shape: ModelShape
  readonly #runtime: Runtime = openRuntime()
  readonly #attention: AttentionInputs
  readonly #values: Record<string, Float32Array>
  readonly #weights: Weights
  readonly #sessions = new Map<string, Session>()
  #seed = 0

  constructor(shape: ModelShape) {
    this.shape = shape
    this.#attention = new AttentionInputs(shape)
    this.#weights = this.#runtime.weights()
    const random = new RandomWeights(shape.spec.weights, { std: 0.3 })
    const noise = new Random('norms and biases') // as they come, ones and zeros, they would hide mistakes
    this.#values = Object.fromEntries(
      random.names.map((name) => {
        const values = random.readSync(name)
        return [name, random.shape(name).length > 1 ? values : values.map((value) => value + noise.normal(0, 0.2))]
      }),
    )
    for (const [name, values] of Object.entries(this.#values)) this.#weights.set(name, this.#runtime.tensor('float32', random.shape(name), values))
  }

  get spec() {
    return this.shape.spec
  }

  /** Of what a position is judged by. */
  get width(): number {
    return this.spec.bidirectional ? this.spec.hiddenSize : this.spec.vocabSize
  }

  dispose(): void {
    for (const session of this.#sessions.values()) session.dispose()
    this.#weights.dispose()
  }

  rows = (count: number): Float32Array => this.#random(count * rowWidth(this.spec))

  prefix(length: number): { length: number; values: Float32Array } {
    const { numLayers, numKeyValueHeads, headDim } = this.spec
    return { length, values: this.#random(numLayers * 2 * numKeyValueHeads * length * headDim) }
  }

  #random(count: number): Float32Array {
    return new RandomWeights({ x: [count, 1] }, { seed: `prompt ${this.#seed++ % 7}`, std: 0.5 }).readSync('x')
  }

  /** Logits `[n, V]` (an encoder's hidden states `[n, H]`) of each text's tokens through the training lowering; with `onlyLast` of its last token alone. */
  async trained(
    prompt: Prompt,
    rows: number[][],
    tokens: number,
    { padding = 'right' as 'left' | 'right', interpreted = false, onlyLast = false } = {},
  ): Promise<Float32Array[]> {
    const { width } = this
    const g = new GraphBuilder('training')
    const hooks = hooksOf(g, this.#sites(g, prompt), rows.length)
    const { placement } = hooks
    const { hidden, overVocabulary } = trainingForward(g, this.shape, hooks, {
      batch: rows.length,
      tokens,
      read: onlyLast ? g.input('last_index', 'int64', [rows.length]) : undefined,
    })
    const predicted = (): Value => {
      const { rows, weight } = overVocabulary(hidden)
      return g.gemm(rows, weight, { transB: true })
    }
    g.output('logits', this.spec.bidirectional ? hidden : predicted())
    const layout = trainingLayout({
      placement: { ...placement, ...(prompt.rowBias && { rowBias: prompt.rowBias }), ...(prompt.prefixBias && { prefixBias: prompt.prefixBias }) },
      rows: rows.map((tokens): LayoutRow => ({ tokens })),
      tokens,
      padding,
      attention: this.#attention,
    })
    const S = placement.rows + tokens
    const feeds: Record<string, TensorData> = {
      ...forwardInputs(this.#attention, layout),
      ...(onlyLast && { last_index: { dtype: 'int64' as const, shape: [rows.length], data: layout.lastIndex } }),
    }
    const graph = g.build()
    const logits = interpreted
      ? (interpret(
          graph,
          feeds,
          Object.fromEntries(Object.entries(this.#values).map(([name, data]) => [name, { dtype: 'float32', shape: this.spec.weights[name], data }])),
        ).logits.data as Float32Array)
      : await this.#run(this.#session(encodeModel(graph)), feeds, [rows.length * (onlyLast ? 1 : S), width])
    if (onlyLast) return rows.map((_, b) => logits.slice(b * width, (b + 1) * width))
    return rows.map((row, b) => {
      const end = Number(layout.lastIndex[b]) + 1
      return logits.slice((end - row.length) * width, end * width)
    })
  }

  #sites(g: GraphBuilder, { rows, prefixes = [] }: Prompt): SiteValues[] {
    const { numLayers, numKeyValueHeads, headDim } = this.spec
    const H = rowWidth(this.spec)
    return [
      ...(rows ? [{ inputsEmbeds: { rows: g.constant(rows, [rows.length / H, H]) } }] : []),
      ...prefixes.map(({ length, values }) => ({ keyValue: { prefix: g.constant(values, [numLayers, 2, numKeyValueHeads, length, headDim]) } })),
    ]
  }

  async #run(session: Session, feeds: Record<string, TensorData>, shape: number[]): Promise<Float32Array> {
    const inputs = Object.fromEntries(
      Object.entries(feeds).map(([name, { dtype, shape, data }]) => [name, this.#runtime.tensor(dtype as 'float32', shape, data as Float32Array)]),
    )
    const logits = this.#runtime.tensor('float32', shape)
    using binding = session.bind({ inputs, outputs: { logits } })
    await binding.run()
    return logits.data.slice()
  }

  #session(bytes: Uint8Array, key?: string): Session {
    const known = key && this.#sessions.get(key)
    if (known) return known
    const session = this.#runtime.session(bytes, { weights: this.#weights, threads: 1 })
    this.#sessions.set(key ?? String(this.#sessions.size), session)
    return session
  }

  /** What inference makes of a text behind a prompt: the prompt's rows and prefix first, then `chunk` tokens at a time. */
  async inferred(prompt: Prompt, tokens: number[], { chunk = tokens.length, output = 'logits' as InferenceOptions['output'] } = {}): Promise<Float32Array> {
    const sequence = await this.#begin(prompt)
    const parts: Float32Array[] = []
    for (let from = 0; from < tokens.length; from += chunk) parts.push(await this.#step([sequence], [this.#embed(tokens.slice(from, from + chunk))], output))
    return output === 'lastLogits' ? parts.at(-1)! : joined(parts)
  }

  /** The last logits of each text, its last token fed with all the others' in one step. */
  async decodedTogether(prompts: Prompt[], texts: number[][]): Promise<Float32Array[]> {
    const sequences: Sequence[] = []
    for (const [row, tokens] of texts.entries()) {
      const sequence = await this.#begin(prompts[row])
      await this.#step([sequence], [this.#embed(tokens.slice(0, -1))], 'lastLogits')
      sequences.push(sequence)
    }
    const logits = await this.#step(
      sequences,
      texts.map((tokens) => this.#embed(tokens.slice(-1))),
      'lastLogits',
    )
    return texts.map((_, row) => logits.slice(row * this.spec.vocabSize, (row + 1) * this.spec.vocabSize))
  }

  async #begin({ rows, prefixes = [], rowBias, prefixBias }: Prompt): Promise<Sequence> {
    const { numLayers: L, numKeyValueHeads: K, headDim: D } = this.spec
    const sequence: Sequence = {
      cache: Array.from({ length: 2 * L }, () => new Float32Array(K * SLOTS * D)),
      slots: 0,
      position: 0,
      prefixLengths: prefixes.map(({ length }) => length),
      bias: new Float32Array(SLOTS),
    }
    for (const { length, values } of prefixes) {
      for (let half = 0; half < 2 * L; half++) {
        for (let k = 0; k < K; k++) {
          const from = (half * K + k) * length * D
          sequence.cache[half].set(values.subarray(from, from + length * D), (k * SLOTS + sequence.slots) * D)
        }
      }
      sequence.slots += length
      sequence.position = Math.max(sequence.position, length)
    }
    if (prefixBias) sequence.bias.set(prefixBias)
    if (rowBias) sequence.bias.set(rowBias, sequence.slots)
    if (rows) await this.#step([sequence], [rows], 'hidden')
    return sequence
  }

  #embed(tokens: number[]): Float32Array {
    return new TokenEmbedding(this.shape, (name) => this.#values[name]).rows(tokens)
  }

  /** One run over some sequences, each `embeds[b]` as `[T,H]`; their caches are written back. */
  async #step(sequences: Sequence[], embeds: Float32Array[], output: InferenceOptions['output']): Promise<Float32Array> {
    const { numLayers: L, numKeyValueHeads: K, headDim: D, hiddenSize: H, vocabSize: V } = this.spec
    const runtime = this.#runtime
    const B = sequences.length
    const T = embeds[0].length / H
    const totals = sequences.map(({ slots }) => slots + T)
    const total = Math.max(...totals)
    const bias = sequences.some((sequence) => sequence.prefixLengths.length > 1 || sequence.bias.some((value) => value !== 0))
    const positions = sequences.flatMap(({ position }) => Array.from({ length: T }, (_, t) => position + t))
    const inputs: Record<string, Tensor> = {
      inputs_embeds: runtime.tensor('float32', [B, T, H], joined(embeds)),
      ...Object.fromEntries(
        Object.entries(this.#attention.positionValues(positions, B, T)).map(([name, { dtype, shape, data }]) => [
          name,
          runtime.tensor(dtype as 'float32', shape, data as Float32Array<ArrayBuffer>),
        ]),
      ),
      seqlens_k: runtime.tensor(
        'int32',
        [B],
        Int32Array.from(totals, (length) => length - 1),
      ),
      total_sequence_length: runtime.tensor('int32', [], Int32Array.of(total)),
      ...(output === 'lastLogits' && {
        last_index: runtime.tensor(
          'int64',
          [B],
          BigInt64Array.from(sequences, (_, b) => BigInt(b * T + T - 1)),
        ),
      }),
      ...(bias &&
        Object.fromEntries(
          this.#attention.windows.map((window) => [biasInput(window), runtime.tensor('float32', [B, 1, T, total], cacheBias(sequences, T, total, { window }))]),
        )),
    }
    const result = runtime.tensor('float32', output === 'hidden' ? [B, T, H] : output === 'logits' ? [B, T, V] : [B, V])
    const outputs: Record<string, Tensor> = { [output === 'hidden' ? 'hidden' : 'logits']: result }
    const caches = Array.from({ length: 2 * L }, (_, half) => {
      const tensor = runtime.tensor('float32', [B, K, SLOTS, D], joined(sequences.map(({ cache }) => cache[half])))
      const name = `${half >> 1}.${half % 2 ? 'value' : 'key'}`
      inputs[`past_key_values.${name}`] = outputs[`present.${name}`] = tensor
      return tensor
    })
    using binding = this.#session(encodeModel(inferenceGraph(this.shape, { output, bias })), `${output} ${bias}`).bind({ inputs, outputs })
    await binding.run()
    sequences.forEach((sequence, b) => {
      caches.forEach((tensor, half) => sequence.cache[half].set(tensor.data.subarray(b * K * SLOTS * D, (b + 1) * K * SLOTS * D) as Float32Array))
      sequence.slots += T
      sequence.position += T
    })
    return result.data.slice()
  }

  /** Hidden states through the output projection, by hand: `[n,H]` → `[n,V]`. */
  project(hidden: Float32Array): Float32Array {
    const { hiddenSize: H, vocabSize: V } = this.spec
    const { architecture, config } = this.shape
    const head = this.#values[architecture.outputProjection(config)!]
    const scale = architecture.logitScale?.(config) ?? 1
    return Float32Array.from({ length: (hidden.length / H) * V }, (_, i) => {
      let sum = 0
      for (let h = 0; h < H; h++) sum += hidden[Math.floor(i / V) * H + h] * head[(i % V) * H + h]
      return sum * scale
    })
  }
}

interface Sequence {
  /** Per layer keys, then values: `[K, SLOTS, D]`. */
  cache: Float32Array[]
  slots: number
  position: number
  prefixLengths: number[]
  bias: Float32Array
}
