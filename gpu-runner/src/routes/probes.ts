import type { Models } from '@weft/inference/models'
import { Hono } from 'hono'

/**
 * Kubernetes' probes, under the names of its own servers: `/livez` while the process answers, `/readyz` while it takes requests. They ask for no token,
 * since a probe's headers cannot come from a secret, and they tell a word and no more.
 */
export function probeRoutes(models: Models, stopping: AbortSignal) {
  const ready = () => {
    if (stopping.aborted) return 'stopping'
    if (models.ready.length > 0) return models.settled ? 'ok' : 'starting'
    return models.settled ? 'no model' : 'starting'
  }
  return new Hono()
    .get('/livez', (c) => c.text('ok'))
    .get('/readyz', (c) => {
      const word = ready()
      return c.text(word, word === 'ok' ? 200 : 503)
    })
}
