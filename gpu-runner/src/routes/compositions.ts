import type { CompositionStore } from '@weft/inference/compositions/composition-store'
import type { Models } from '@weft/inference/models'
import { Hono } from 'hono'
import { readBytes } from './body.ts'

/** @param limit bytes of one composition */
export function compositionRoutes(compositions: CompositionStore, models: Models, limit: number) {
  return new Hono().put('/compositions/:key', async (c) => {
    compositions.put(
      c.req.param('key'),
      await readBytes(c, limit),
      models.ready.map(({ engine }) => engine.model),
    )
    return c.body(null, 204)
  })
}
