import { createMiddleware } from 'hono/factory'
import { runnerStopping } from '../errors.ts'

/**
 * Refuses new work once the process has begun to end, and gives up the connection, so that whoever keeps it for later opens one to another runner.
 * @throws WeftError 503 `runner_stopping`
 */
export const refusedWhenStopping = (stopping: AbortSignal) =>
  createMiddleware(async function refusedWhenStopping(c, next) {
    if (!stopping.aborted) return next()
    c.header('connection', 'close')
    throw runnerStopping()
  })
