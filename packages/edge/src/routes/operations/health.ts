import { type EdgeHealth, edgeHealthSchema, isWeftError } from '@weft/protocol'
import { Hono } from 'hono'
import { sendJson } from '../../http/body.ts'
import { endpoint } from '../../http/endpoint.ts'
import type { Variables } from '../../http/variables.ts'
import type { JobQueue } from '../../jobs/job-queue.ts'
import type { ModelDirectory } from '../../runner/model-directory.ts'
import type { DatabaseCheck } from '../../stores/database-check.ts'
import { databaseHealth } from './database-health.ts'

interface Dependencies {
  directory: ModelDirectory
  jobQueue: JobQueue
  batchQueue: JobQueue
  checkDatabase: (what: DatabaseCheck) => Promise<void>
  /** Whether the edge is one for this machine alone. */
  isLocal: boolean
}

const told = (error: unknown, code: string) => ({
  code: isWeftError(error) ? error.code : code,
  message: error instanceof Error ? error.message : String(error),
})

/** What a probe needs. Which models there are, how much is to do, and what an error says of the inside is for those who have a key. */
const forAnybody = ({ status, database, runner }: EdgeHealth): EdgeHealth => ({
  status,
  ...(database && { database: database.ok ? database : { ok: false, code: database.code } }),
  runner: runner.reachable ? { reachable: true, status: runner.status } : { reachable: false, code: runner.code },
})

/**
 * `GET /health`: 200 whenever the edge answers; it says whether its runner does, and never waits long for it, and what is wrong with its database. No key is asked for;
 * one that is shown must be good.
 */
export const healthRoute = ({ directory, jobQueue, batchQueue, checkDatabase, isLocal }: Dependencies) => {
  const lookOver = databaseHealth(checkDatabase)
  const database = (keep: (work: Promise<void>) => void): Promise<EdgeHealth['database']> =>
    lookOver(keep).then(
      () => ({ ok: true }),
      (error: unknown) => ({ ok: false, ...told(error, 'database_damaged') }),
    )
  return new Hono<Variables>().get(
    '/health',
    endpoint({ summary: 'Whether the edge and its runner answer', tag: 'Health', answer: edgeHealthSchema }),
    async (c) => {
      for (const queue of [jobQueue, batchQueue]) c.executionCtx.waitUntil(queue.sweep().catch((error: unknown) => console.error(error)))
      const [held, runner] = await Promise.all([
        database((work) => c.executionCtx.waitUntil(work)),
        directory.health(c.req.raw.signal).then(
          (health) => ({ reachable: true as const, ...health }),
          (error: unknown) => ({ reachable: false as const, ...told(error, 'runner_unavailable') }),
        ),
      ])
      const health: EdgeHealth = { status: 'ok', database: held, runner }
      return sendJson(c, isLocal || c.get('principal') ? health : forAnybody(health))
    },
  )
}
