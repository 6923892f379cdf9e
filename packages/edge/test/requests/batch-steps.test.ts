import { env } from 'cloudflare:workers'
import { expect, test } from 'vitest'
import { bootstrapPrincipal } from '../../src/auth/principal.ts'
import type { BatchResults, Outcome } from '../../src/batches/batch-host.ts'
import { newBatchState } from '../../src/batches/batch-state.ts'
import { runLines } from '../../src/batches/run-lines.ts'
import { cloudflareRoot } from '../../src/cloudflare-composition-root.ts'
import type { Environment } from '../../src/environment.ts'
import { tokens } from '../../src/tokens.ts'
import { generated, script } from '../edge.ts'

/** What D1 takes of one invocation. */
const mostQueries = 1000

test('a step of a batch asks the database no more than an invocation may, and what it could not ask any more is asked by the next', async () => {
  await script({ ...generated(), times: 0 })
  let asked = 0
  const DB = new Proxy((env as Environment).DB, {
    get: (db, name: keyof D1Database) => {
      if (name !== 'prepare') return typeof db[name] === 'function' ? db[name].bind(db) : db[name]
      return (sql: string) => {
        if (++asked <= mostQueries) return db.prepare(sql)
        const fails = () => Promise.reject(new Error('D1_ERROR: Too many API requests by single Worker invocation.'))
        const statement = { bind: () => statement, first: fails, all: fails, run: fails }
        return statement
      }
    },
  })
  const supervisors = cloudflareRoot({ ...(env as Environment), DB })
    .get(tokens.batchSupervisors)
    .needsOf('default')
  // Names that stand for nothing are looked for with every store: each line costs ten questions and more.
  const models = Array.from({ length: 120 }, (_, n) =>
    n % 8 === 7 ? 'base' : `gone/from/${n}${n % 8 === 0 ? ' + gone/b + gone/c + gone/d + gone/e + gone/f + gone/g' : ''}`,
  )
  const lines = models.map((model, n) => JSON.stringify({ custom_id: `r${n}`, method: 'POST', url: '/v1/completions', body: { model, prompt: 'a' } }))
  const given = new Map<number, { outcome: Outcome; text: string }>()
  const results = {
    has: (line: number) => given.has(line),
    put: async (line: number, outcome: Outcome, text: string) => void given.set(line, { outcome, text }),
  } as unknown as BatchResults
  const files = { stream: async (_: string, from: number) => new Blob([lines.join('\n').slice(from)]).stream() }
  const state = newBatchState({ batch: { id: 'batch-steps', inputFileId: 'file' }, principal: bootstrapPrincipal, models: [] } as never)
  const steps: number[] = []
  for (let done = false; !done && steps.length < 30; ) {
    asked = 0
    ;({ done } = await runLines({ ...supervisors, files } as never, state, results, new AbortController().signal))
    steps.push(asked)
  }
  const statuses = Array.from({ length: 120 }, (_, n) => JSON.parse(given.get(n + 1)!.text).response?.status_code)
  expect(statuses).toEqual(models.map((model) => (model === 'base' ? 200 : 404)))
  expect(Math.max(...steps)).toBeLessThan(mostQueries)
})
