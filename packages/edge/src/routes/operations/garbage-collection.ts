import { collectGarbageSchema, garbageSchema } from '@weft/protocol'
import { Hono } from 'hono'
import { type ConfiguredUses, collectGarbage } from '../../collect/collect-garbage.ts'
import { patientAnswer } from '../../http/answer.ts'
import { endpoint } from '../../http/endpoint.ts'
import { readRequest } from '../../http/request.ts'
import type { Variables } from '../../http/variables.ts'

const description = endpoint({
  summary: 'Remove versions, files, checkpoints and uploads that nothing uses',
  tag: 'Operations',
  body: collectGarbageSchema,
  answer: garbageSchema,
})

/** `POST /v1/gc` @param configured what the configuration uses @param mostQuestions those to the stores that one request may cost */
export const garbageCollectionRoute =
  (configured: ConfiguredUses) =>
  ({ now, mostQuestions }: { now: () => number; mostQuestions: number }) =>
    new Hono<Variables>().post('/v1/gc', description, async (c) => {
      const options = await readRequest(c, collectGarbageSchema)
      return patientAnswer(c, () => collectGarbage(c.get('stores'), configured, now(), options, mostQuestions))
    })
