import { env } from 'cloudflare:workers'
import type { Environment } from '../../src/environment.ts'

/** What D1 takes of one invocation. */
const mostQueries = 1000

/** The bindings of the suite, with what one invocation asks of D1 and R2 counted: a batch counts as its statements. D1 refuses what is too much, as Cloudflare's does. */
export function countedEnvironment(): { env: Environment; asked: { d1: number; r2: number } } {
  const asked = { d1: 0, r2: 0 }
  const originals = new WeakMap<D1PreparedStatement, D1PreparedStatement>()
  const query = <T>(count: number, ask: () => Promise<T>): Promise<T> => {
    asked.d1 += count
    return asked.d1 > mostQueries ? Promise.reject(new Error('D1_ERROR: Too many API requests by single Worker invocation.')) : ask()
  }
  const counted = (statement: D1PreparedStatement): D1PreparedStatement => {
    const wrapped = {
      bind: (...values: unknown[]) => counted(statement.bind(...values)),
      first: (...column: [string]) => query(1, () => statement.first(...column)),
      all: () => query(1, () => statement.all()),
      run: () => query(1, () => statement.run()),
    } as unknown as D1PreparedStatement
    originals.set(wrapped, statement)
    return wrapped
  }
  const { DB, ADAPTERS, FILES, CHECKPOINTS } = env as Environment
  const database = {
    prepare: (sql: string) => counted(DB.prepare(sql)),
    batch: (all: D1PreparedStatement[]) => query(all.length, () => DB.batch(all.map((each) => originals.get(each)!))),
  } as unknown as D1Database
  const bucket = (real: R2Bucket): R2Bucket =>
    new Proxy(real, {
      get:
        (_, name: keyof R2Bucket) =>
        (...given: unknown[]) => {
          asked.r2++
          return (real[name] as (...given: unknown[]) => unknown).call(real, ...given)
        },
    })
  return { env: { ...(env as Environment), DB: database, ADAPTERS: bucket(ADAPTERS), FILES: bucket(FILES), CHECKPOINTS: bucket(CHECKPOINTS) }, asked }
}
