import type { CompositionStore } from '@weft/inference/compositions/composition-store'
import type { Models } from '@weft/inference/models'
import { Hono } from 'hono'
import { readBytes } from './body.ts'

/** @param limit bytes of one composition */
export function compositionRoutes(compositions: CompositionStore, models: Models, limit: number) {
  return new Hono().put('/compositions/:key', async (c) => {
    const key = c.req.param('key')
    const { composed, fingerprint } = compositions.put(
      key,
      await readBytes(c, limit),
      models.ready.map(({ engine }) => engine.model),
    )
    // What is sent is about to be asked for, by itself and beside others. A failure is the asker's to see.
    if (!composed.sites.weights)
      for (const { engine } of models.ready) if (engine.model.fingerprint === fingerprint) void engine.prepare({ key, composed }).catch(() => {})
    return c.body(null, 204)
  })
}
