import type { Hono } from 'hono'
import type { Variables } from './variables.ts'

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const

/** The methods that a path takes; none where there is no such path. Middleware stands before any path and method, so an endpoint is what comes on top. */
export function allowedMethods(app: Hono<Variables>, path: string): string[] {
  const handlers = (method: string): number => app.router.match(method, path)[0].length
  const common = handlers('NONE')
  const own = methods.filter((method) => handlers(method) > common)
  // Answered wherever GET is, as its answer without a body.
  return own.flatMap((verb) => (verb === 'GET' ? [verb, 'HEAD'] : [verb]))
}
