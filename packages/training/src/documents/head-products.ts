import { type Graph, GraphBuilder } from '@weft/graph'
import { loadGraph } from '@weft/inference/load-graph'
import { float32Precision, type ModelShape } from '@weft/model'
import type { Runtime, Session, Tensor } from '@weft/ort'
import { Disposables } from '@weft/ort/disposables'

/** A matrix, row by row. */
export interface Matrix {
  rows: number
  columns: number
  data: Float32Array
}

export const matrix = (rows: number, columns: number, data: Float32Array = new Float32Array(rows * columns)): Matrix => ({ rows, columns, data })

/** What queries see of keys and their values, in native memory: shares of 7,000 queries among 2,000 keys are not to be copied, nor to wait for a collector. */
export interface Attended extends Disposable {
  shares: Matrix
  seen: Matrix
}

const copied = ({ rows, columns, data }: Matrix): Matrix => matrix(rows, columns, data.slice())

/** The large products of fitting one head, computed natively: on the CPU, of matrices of any size. */
export class HeadProducts implements Disposable {
  readonly #runtime: Runtime
  readonly #attend: Session
  readonly #normal: Session

  private constructor(runtime: Runtime, attend: Session, normal: Session) {
    this.#runtime = runtime
    this.#attend = attend
    this.#normal = normal
  }

  static async open(runtime: Runtime, model: ModelShape, threads?: number): Promise<HeadProducts> {
    const load = (graph: Graph): Promise<Session> =>
      loadGraph(runtime, graph, { ...model, precision: float32Precision }, { device: 'cpu', ...(threads !== undefined && { threads }) })
    return new HeadProducts(runtime, await load(attendGraph()), await load(normalGraph()))
  }

  /** softmax(q·kᵀ) `[n,D]` and what it sees of v, `[n,d]`. Queries are scaled. */
  async attend(q: Matrix, k: Matrix, v: Matrix): Promise<Attended> {
    using owned = new Disposables()
    const [shares, seen] = await this.#run(this.#attend, { q, k, v }, { shares: [q.rows, k.rows], seen: [q.rows, v.columns] }, owned)
    const held = owned.move()
    return { shares, seen, [Symbol.dispose]: () => held[Symbol.dispose]() }
  }

  /** Of x `[n,N]`, y `[n,m]` and a first guess v `[N,m]`: xᵀx, xᵀ(y − x·v), and the squared lengths of y and of y − x·v. */
  async normal(x: Matrix, y: Matrix, v: Matrix): Promise<{ gram: Matrix; right: Matrix; length: number; residual: number }> {
    using owned = new Disposables()
    const [gram, right, length, residual] = await this.#run(
      this.#normal,
      { x, y, v },
      { gram: [x.columns, x.columns], right: [x.columns, y.columns], length: [1, 1], residual: [1, 1] },
      owned,
    )
    return { gram: copied(gram), right: copied(right), length: length.data[0], residual: residual.data[0] }
  }

  /** @param owned keeps what the results lie in */
  async #run(
    session: Session,
    inputs: Record<string, Matrix>,
    outputs: Record<string, [rows: number, columns: number]>,
    owned: Disposables,
  ): Promise<Matrix[]> {
    const tensor = (rows: number, columns: number, data?: Float32Array): Tensor<'float32'> =>
      owned.use(this.#runtime.tensor('float32', [rows, columns], data as Float32Array<ArrayBuffer>))
    const results = Object.entries(outputs).map(([name, [rows, columns]]) => [name, tensor(rows, columns)] as const)
    const given = Object.fromEntries(Object.entries(inputs).map(([name, { rows, columns, data }]) => [name, tensor(rows, columns, data)]))
    const binding = owned.use(session.bind({ inputs: given, outputs: Object.fromEntries(results) }))
    await binding.run()
    return results.map(([, { shape, data }]) => matrix(shape[0], shape[1], data))
  }

  [Symbol.dispose](): void {
    this.#attend.dispose()
    this.#normal.dispose()
  }
}

function attendGraph(): Graph {
  const g = new GraphBuilder('attend')
  const [q, k, v] = [g.input('q', 'float32', ['n', 'd']), g.input('k', 'float32', ['D', 'd']), g.input('v', 'float32', ['D', 'd'])]
  const shares = g.softmax(g.matMul(q, g.transpose(k, [1, 0])), { axis: -1 })
  g.output('shares', shares)
  g.output('seen', g.matMul(shares, v))
  return g.build()
}

function normalGraph(): Graph {
  const g = new GraphBuilder('normal')
  const [x, y, v] = [g.input('x', 'float32', ['n', 'N']), g.input('y', 'float32', ['n', 'm']), g.input('v', 'float32', ['N', 'm'])]
  const columns = g.transpose(x, [1, 0])
  const rest = g.sub(y, g.matMul(x, v))
  const squared = (of: typeof x) => g.reshape(g.reduceSum(g.mul(of, of), { axes: [0, 1] }), [1, 1])
  g.output('gram', g.matMul(columns, x))
  g.output('right', g.matMul(columns, rest))
  g.output('length', squared(y))
  g.output('residual', squared(rest))
  return g.build()
}
