import type { TokenBatch } from '../batch/batch-tensors.ts'
import type { GraphEngine } from '../graph/engine.ts'
import type { GraphHost } from '../graph/graph-host.ts'
import type { FrozenContext } from '../regularize/frozen-context.ts'
import type { TrainingEngine } from '../run/loop.ts'
import { JointEngine } from './engine.ts'
import { meetsOthers, placeOf } from './graph.ts'

interface JointStepsOptions extends GraphHost {
  /** Runs that take part; each leaves once, whatever becomes of it. */
  runs: number
}

interface Request {
  engine: GraphEngine
  batch: TokenBatch
  factor: number
  scale: number
  resolve(loss: number): void
  reject(error: unknown): void
}

/**
 * Where training runs of one base model meet: when all that are still under way have a batch to learn, one pass gives each its
 * gradients. Runs need not be alike; each accumulates, evaluates, stops and saves as it would alone. A batch that a teacher answers, one whose
 * context is not the run's usual one, and those of a run that none can be computed with, are computed by themselves: passes are prepared for the
 * batches there are most of.
 */
export class JointSteps implements Disposable {
  readonly #options: JointStepsOptions
  /** In the order of joining, so that a batch's order does not depend on who came first. */
  readonly #members: GraphEngine[] = []
  /** The context of each run's first batch: what lies beneath its adapter. */
  readonly #usual = new Map<GraphEngine, FrozenContext | undefined>()
  #present: number
  #waiting: Request[] = []
  /** The passes of those that are left, by what they read; made anew when somebody leaves. */
  readonly #joint = new Map<string, { engines: readonly GraphEngine[]; engine: JointEngine }>()

  constructor(options: JointStepsOptions) {
    this.#options = options
    this.#present = options.runs
  }

  /** The engine as the loop takes it: its gradients come out of passes with everybody's. */
  join(engine: GraphEngine): TrainingEngine<TokenBatch> {
    this.#members.push(engine)
    return {
      parameters: engine.parameters,
      gradients: (batch, factor, scale = 1) =>
        new Promise((resolve, reject) => {
          this.#waiting.push({ engine, batch, factor, scale, resolve, reject })
          this.#start()
        }),
    }
  }

  /** One run has ended, well or not. */
  leave(): void {
    this.#present -= 1
    this.#start()
  }

  [Symbol.dispose](): void {
    for (const { engine } of this.#joint.values()) engine[Symbol.dispose]()
    this.#joint.clear()
  }

  #start(): void {
    if (this.#waiting.length === 0 || this.#waiting.length < this.#present) return
    const requests = this.#waiting.splice(0).sort((a, b) => this.#members.indexOf(a.engine) - this.#members.indexOf(b.engine))
    void this.#run(requests)
  }

  async #run(requests: readonly Request[]): Promise<void> {
    for (const { engine, batch } of requests) if (!this.#usual.has(engine)) this.#usual.set(engine, batch.context)
    const byPlace = Map.groupBy(requests, ({ engine, batch }) =>
      batch.klToTeacher || batch.context !== this.#usual.get(engine) || !meetsOthers(engine.program) ? null : placeOf(engine.program),
    )
    for (const [place, group] of byPlace) {
      if (place === null || group.length === 1) for (const request of group) await answer([request], () => oneByOne([request]))
      else
        await answer(group, async () => {
          const losses = await this.#engineOf(place, group).gradients(
            group.map(({ batch }) => batch),
            group.map(({ factor, scale }) => scale * factor),
          )
          // Each sum reads everybody's rows, others' times 0: what is not finite in those of one makes no sum finite. Whose it is shows when each learns by itself.
          return losses.every(Number.isFinite) ? losses.map((loss, i) => loss / group[i].scale) : await oneByOne(group)
        })
    }
  }

  #engineOf(place: string, group: readonly Request[]): JointEngine {
    const engines = group.map(({ engine }) => engine)
    const known = this.#joint.get(place)
    if (known && known.engines.length === engines.length && known.engines.every((engine, i) => engine === engines[i])) return known.engine
    known?.engine[Symbol.dispose]()
    const engine = new JointEngine({ ...this.#options, engines })
    this.#joint.set(place, { engines, engine })
    return engine
  }
}

const oneByOne = async (requests: readonly Request[]): Promise<number[]> => {
  const losses: number[] = []
  for (const { engine, batch, factor, scale } of requests) losses.push(await engine.gradients(batch, factor, scale))
  return losses
}

const answer = async (requests: readonly Request[], run: () => Promise<number[]>): Promise<void> => {
  try {
    const losses = await run()
    for (const [i, { resolve }] of requests.entries()) resolve(losses[i])
  } catch (error) {
    for (const { reject } of requests) reject(error)
  }
}
