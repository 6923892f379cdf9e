import { inputsKey, type PlacedComposition, type PooledAt } from '@weft/adapters'
import { meanWeights, pooledIndex, RELATIVE_BUCKETS, trainingLayout } from '@weft/model'
import type { Session, Tensor } from '@weft/ort'
import { LRUCache } from 'lru-cache'
import { loadGraph } from '../load-graph.ts'
import type { ModelSessions } from '../model-sessions.ts'
import { biasTensors, bucketTensors, positionTensors } from '../positions.ts'
import { COMPOSITION, type EncoderShape, encoderGraph } from './graph.ts'

/** Sessions kept: a composition's shapes meet few lengths, and each session costs little beside the weights that all share. */
const SESSIONS = 12
/** Rows of a run, and tokens of all its rows together: attention's scores take their square. */
const ROWS = 8
const TOKENS = 2048
/** Shortest length that sessions are made for; each further one is twice as long. */
const SHORTEST = 16

interface Prepared {
  session: Session
  inputs: Record<string, Tensor>
  answer: Tensor<'float32'>
}

export type InTurn = (tokens: number, run: () => Promise<void>) => Promise<void>

/** Runs of an encoder: one composition, many texts, in batches of like length. Sessions are made per composition's shapes and length. */
export class EncoderForward implements Disposable {
  readonly #sessions: ModelSessions
  readonly #threads: number
  readonly #prepared = new LRUCache<string, Prepared>({ max: SESSIONS, dispose })

  constructor(sessions: ModelSessions, threads: number) {
    this.#sessions = sessions
    this.#threads = threads
  }

  /**
   * Each text's answer, in their order: `[C]` or `[H]`; with `at` null, of all its positions, `[T, …]`.
   * @param room most tokens of a text
   * @param inTurn runs a batch of so many tokens when it may: one at a time
   */
  async run(composition: PlacedComposition, texts: readonly (readonly number[])[], at: PooledAt | null, room: number, inTurn: InTurn): Promise<Float32Array[]> {
    const answers: Float32Array[] = []
    for (const batch of batches(texts, room)) {
      await inTurn(batch.shape.batch * batch.shape.tokens, () => this.#batch(composition, texts, batch, at, answers))
    }
    return answers
  }

  [Symbol.dispose](): void {
    this.#prepared.clear()
  }

  async #batch(
    composition: PlacedComposition,
    texts: readonly (readonly number[])[],
    { rows, shape: { batch: B, tokens: T } }: Batch,
    at: PooledAt | null,
    answers: Float32Array[],
  ): Promise<void> {
    const { runtime, attention } = this.#sessions
    const { placement } = composition
    const { session, inputs, answer } = await this.#prepare({ batch: B, tokens: T, at, composition })
    const S = placement.rows + T
    const layout = trainingLayout({
      placement,
      rows: Array.from({ length: B }, (_, b) => ({ tokens: texts[rows[b]] ?? [0] })),
      tokens: T,
      attention,
    })
    write(inputs.input_ids, layout.inputIds)
    for (const [name, bias] of Object.entries(layout.attentionBias)) write(inputs[name], bias)
    if (layout.buckets) write(inputs[RELATIVE_BUCKETS], layout.buckets)
    attention.writePositions(layout.positions, inputs)
    if (at === 'mean') write(inputs.pool_weights, meanWeights(layout.spans, S))
    else if (at !== null) write(inputs.pool_index, pooledIndex(at, layout.spans, S))
    const given = composition.inputs.map(
      ({ name, tensor: { shape, data } }) => [`${COMPOSITION}.${name}`, runtime.adopt('float32', shape, data as Float32Array<ArrayBuffer>)] as const,
    )
    try {
      const asked = new Set(session.inputs.map(({ name }) => name))
      using binding = session.bind({
        inputs: Object.fromEntries([...Object.entries(inputs), ...given].filter(([name]) => asked.has(name))),
        outputs: { answer },
      })
      await binding.run()
    } finally {
      for (const [, tensor] of given) tensor.dispose()
    }
    const width = answer.shape[1]
    for (const [b, text] of rows.entries()) {
      const { from, to } = at === null ? layout.spans[b] : { from: 0, to: 1 }
      const start = b * (at === null ? S : 1)
      answers[text] = answer.data.slice((start + from) * width, (start + to) * width)
    }
  }

  async #prepare(shape: EncoderShape): Promise<Prepared> {
    const { batch: B, tokens: T, at, composition } = shape
    const key = `${B}x${T} ${at} ${inputsKey(composition.inputs)}`
    const known = this.#prepared.get(key)
    if (known) return known
    const { runtime, model, weights, device, attention } = this.#sessions
    const { rows, prefix } = composition.placement
    const S = rows + T
    const session = await loadGraph(runtime, encoderGraph(model, shape), model, {
      device,
      threads: this.#threads,
      weights,
      arena: 'shared',
      memoryPattern: false,
    })
    const prepared: Prepared = {
      session,
      inputs: {
        input_ids: runtime.tensor('int64', [B, T]),
        ...biasTensors(runtime, attention, [B, 1, S, prefix + S]),
        ...bucketTensors(runtime, attention, [B, S, prefix + S]),
        ...positionTensors(runtime, session, attention, B, S),
        ...(at === 'mean' ? { pool_weights: runtime.tensor('float32', [B, 1, S]) } : at !== null && { pool_index: runtime.tensor('int64', [B]) }),
      },
      answer: runtime.tensor('float32', session.outputs[0].shape as number[]),
    }
    this.#prepared.set(key, prepared)
    return prepared
  }
}

interface Batch {
  rows: number[]
  shape: { batch: number; tokens: number }
}

/** Texts of like length together. A single text has a session of its own shape: a request of one is the commonest. */
export function batches(texts: readonly (readonly number[])[], room: number): Batch[] {
  const order = texts.map((_, i) => i).sort((a, b) => texts[a].length - texts[b].length || a - b)
  const found: Batch[] = []
  for (let at = 0; at < order.length; ) {
    const length = bucketOf(texts[order[at]].length, room)
    const most = Math.max(1, Math.min(ROWS, Math.floor(TOKENS / length)))
    const rows = order.slice(at, at + most).filter((i) => bucketOf(texts[i].length, room) === length)
    found.push({ rows, shape: { batch: rows.length === 1 ? 1 : most, tokens: length } })
    at += rows.length
  }
  return found
}

const bucketOf = (length: number, room: number): number => {
  let bucket = SHORTEST
  while (bucket < length) bucket *= 2
  return Math.min(bucket, room)
}

const write = (tensor: Tensor, values: ArrayLike<number> | ArrayLike<bigint>): void => (tensor.data as Float32Array).set(values as ArrayLike<number>)

function dispose({ session, inputs, answer }: Prepared): void {
  session.dispose()
  for (const tensor of [...Object.values(inputs), answer]) tensor.dispose()
}
