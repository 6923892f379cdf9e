import type { Context } from 'hono'

/** Lets something go on when the answer has been given, as long as the host allows. What fails is logged: nobody waits for it. */
export function afterAnswer(c: Context, work: Promise<unknown>): void {
  const safe = work.catch((error: unknown) => console.error('after the answer:', error))
  let context: Context['executionCtx'] | undefined
  try {
    context = c.executionCtx
  } catch {
    // A host without one keeps its process alive by itself.
  }
  context?.waitUntil(safe)
}
