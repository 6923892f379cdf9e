import { edgeHealthSchema, isWeftError } from '@weft/protocol'
import { Hono } from 'hono'
import { sendJson } from '../http/body.ts'
import { endpoint } from '../http/endpoint.ts'
import type { Variables } from '../http/variables.ts'
import type { JobQueue } from '../jobs/job-queue.ts'
import type { ModelDirectory } from '../runner/model-directory.ts'

/** `GET /health`: 200 whenever the edge answers; it says whether its runner does, and never waits long for it. */
export const healthRoute = ({ directory, jobQueue }: { directory: ModelDirectory; jobQueue: JobQueue }) =>
  new Hono<Variables>().get('/health', endpoint({ summary: 'Whether the edge and its runner answer', tag: 'Health', answer: edgeHealthSchema }), async (c) => {
    c.executionCtx.waitUntil(jobQueue.sweep())
    return sendJson(c, {
      status: 'ok',
      runner: await directory.health(c.req.raw.signal).then(
        (health) => ({ reachable: true, ...health }),
        (error: unknown) => ({
          reachable: false,
          code: isWeftError(error) ? error.code : 'runner_unavailable',
          message: error instanceof Error ? error.message : String(error),
        }),
      ),
    })
  })
