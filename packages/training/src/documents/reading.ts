import { adapterInputs, type FloatTensor, floatTensor } from '@weft/adapters'
import { type AdapterHooks, adapterHooks, constants } from '@weft/adapters/hooks'
import { GraphBuilder, type Value } from '@weft/graph'
import { biasTensors, positionTensors } from '@weft/inference/positions'
import { biasInput, type ModelShape, type TrainingLayout, trainingForward, trainingLayout } from '@weft/model'
import type { Session, Tensor } from '@weft/ort'
import { Disposables } from '@weft/ort/disposables'
import type { GraphHost } from '../graph/graph-host.ts'
import { trainingSession } from '../graph/training-session.ts'
import { releaseActivations } from '../release-activations.ts'

interface ReadingOptions extends GraphHost {
  model: ModelShape
}

/** Reads texts with the frozen model for what its attention sees of them. */
export class Reading {
  readonly #options: ReadingOptions

  constructor(options: ReadingOptions) {
    this.#options = options
  }

  /** Keys and values of tokens that stand at `start`, `start + 1`, …: `[L,2,K,n,D]`, keys rotated. A negative start stands further from what follows. */
  async keyValues(ids: readonly number[], start: number): Promise<FloatTensor> {
    const { numLayers, numKeyValueHeads, headDim } = this.#options.model.spec
    const g = new GraphBuilder('document')
    const seen: Value[] = []
    this.#forward(g, ids.length, {
      ...adapterHooks(g, [{ rows: 1, adapters: [] }]),
      keyValue: (_, k, v) => {
        seen.push(k, v)
        return { k, v }
      },
    })
    const shape = [numLayers, 2, numKeyValueHeads, ids.length, headDim]
    g.output('read', g.reshape(g.concat(seen, 0), shape))
    using session = await this.#load(g)
    const layout = trainingLayout({ rows: [{ tokens: ids }], tokens: ids.length, attention: this.#options.attention })
    const read = await this.#run(session, layout, {
      shape,
      columns: ids.length,
      positions: Int32Array.from(layout.positions, (position) => position + start),
    })
    // Of a long text activations take hundreds of megabytes, which nothing after it needs.
    await releaseActivations(this.#options)
    return floatTensor(shape, read)
  }

  /**
   * Reads texts of at most `length` tokens behind a prefix; they begin at position `start`.
   * @param asked text and token of the queries that are wanted, n of them @param onText called before each text with how many are read; it may throw to stop
   * @returns these queries `[L,N,n,D]` that meet the prefix's keys, rotated and scaled
   */
  async queries(
    texts: readonly (readonly number[])[],
    {
      prefix,
      start,
      length,
      asked,
      onText,
    }: { prefix: FloatTensor; start: number; length: number; asked: readonly (readonly [text: number, token: number])[]; onText: (done: number) => void },
  ): Promise<Float32Array> {
    const { model, attention, runtime } = this.#options
    const { numLayers, numHeads, headDim } = model.spec
    const D = prefix.shape[3]
    const placement = { rows: 0, prefix: D, prefixLengths: [D], longestPrefix: start }
    const g = new GraphBuilder('queries')
    const seen: Value[] = []
    const inputs = adapterInputs({ keyValue: { prefix } }, model.spec)
    this.#forward(g, length, {
      ...adapterHooks(g, [{ rows: 1, adapters: [constants(g, 'document', { placement, inputs })] }]),
      attentionExtra: (_, q) => {
        seen.push(q())
        return null
      },
    })
    const shape = [numLayers, numHeads, length, headDim]
    g.output('read', g.concat(seen, 0))
    using session = await this.#load(g)
    using held = runtime.tensor('float32', prefix.shape, prefix.data as Float32Array<ArrayBuffer>)
    const given = { [`document.${inputs[0].name}`]: held }
    // Those of all tokens would be several times as many.
    const wanted = new Float32Array(numLayers * numHeads * asked.length * headDim)
    for (const [text, tokens] of texts.entries()) {
      onText(text)
      const layout = trainingLayout({ rows: [{ tokens }], tokens: length, attention, placement })
      const read = await this.#run(session, layout, { shape, columns: D + length, positions: layout.positions, given })
      for (const [n, [of, token]] of asked.entries()) {
        if (of !== text) continue
        for (let head = 0; head < numLayers * numHeads; head++) {
          const at = (head * length + token) * headDim
          wanted.set(read.subarray(at, at + headDim), (head * asked.length + n) * headDim)
        }
      }
    }
    await releaseActivations(this.#options)
    return wanted
  }

  #forward(g: GraphBuilder, tokens: number, hooks: AdapterHooks): void {
    trainingForward(g, this.#options.model, hooks, { batch: 1, tokens })
  }

  #load(g: GraphBuilder): Promise<Session> {
    return trainingSession(this.#options, this.#options.model, () => g.build())
  }

  async #run(
    session: Session,
    layout: TrainingLayout,
    { shape, columns, positions, given = {} }: { shape: number[]; columns: number; positions: Int32Array; given?: Record<string, Tensor> },
  ): Promise<Float32Array> {
    const { runtime, attention } = this.#options
    const T = positions.length
    using owned = new Disposables()
    const places = positionTensors(runtime, session, attention, 1, T)
    attention.writePositions(positions, places)
    const made = {
      input_ids: runtime.tensor('int64', [1, T], layout.inputIds),
      ...places,
      ...biasTensors(runtime, attention, [1, 1, T, columns], (window) => layout.attentionBias[biasInput(window)]),
    }
    for (const tensor of Object.values(made)) owned.use(tensor)
    const output = owned.use(runtime.tensor('float32', shape))
    const all: Record<string, Tensor> = { ...made, ...given }
    const binding = owned.use(session.bind({ inputs: Object.fromEntries(session.inputs.map(({ name }) => [name, all[name]])), outputs: { read: output } }))
    await binding.run()
    return output.data.slice()
  }
}
