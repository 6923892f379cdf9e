import { toWire } from '@weft/adapters'
import type { DeviceChoice } from '@weft/inference/device'
import type { Models } from '@weft/inference/models'
import { type Health, healthSchema } from '@weft/protocol'
import { Hono } from 'hono'
import type { JobQueue } from '../jobs/queue.ts'

/** Answers from memory alone, so that it answers at once whatever else goes on. */
export function healthRoutes(models: Models, device: DeviceChoice, jobs: JobQueue, stopping: AbortSignal) {
  return new Hono().get('/health', (c) => {
    const health: Health = {
      status: stopping.aborted ? 'stopping' : models.settled ? 'ok' : 'starting',
      startedAtMs: Math.round(performance.timeOrigin),
      device,
      models: models.ready.map(({ name, engine: { model } }) => ({
        name,
        fingerprint: model.fingerprint,
        architecture: model.spec.architecture,
        spec: model.spec,
        chat: model.chat.template !== null,
      })),
      jobs: jobs.counts,
      ...(models.failures.length > 0 && { failures: models.failures }),
    }
    return c.json(toWire(healthSchema, health))
  })
}
