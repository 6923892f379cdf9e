import type { AdapterRef } from '@weft/adapters'
import { adapterDiffSchema } from '@weft/protocol'
import { Hono } from 'hono'
import * as z from 'zod/mini'
import { diffAdapters } from '../../diff/diff-adapters.ts'
import { invalidRequest } from '../../errors.ts'
import { patientAnswer } from '../../http/answer.ts'
import { endpoint } from '../../http/endpoint.ts'
import { readQuery } from '../../http/query.ts'
import type { Variables } from '../../http/variables.ts'
import { findOneNamed } from '../../resolve/find-named.ts'
import { parseField } from '../../resolve/parse-field.ts'

/** A version's number, an alias, or a digest. */
const which = z.string().check(z.minLength(1), z.maxLength(128))
const query = z.strictObject({ from: z.optional(which), to: z._default(which, 'latest') })

const readRef = (name: string, pinned: string, param: string): AdapterRef => {
  const ref = parseField(`${name}@${pinned}`, param)
  if (ref.kind !== 'adapter') throw invalidRequest(`"${pinned}" is no version; expected a number, an alias or a digest`, param)
  return ref
}

/** `GET /v1/adapters/{name}/diff` */
export const adapterDiffRoute = () =>
  new Hono<Variables>().get(
    '/v1/adapters/:nameDiff{.+/diff}',
    endpoint({ summary: 'What differs between two versions: settings, data, metrics, tensors', tag: 'Adapters', query, answer: adapterDiffSchema }),
    async (c) => {
      const name = c.req.param('nameDiff').slice(0, -'/diff'.length)
      const { from, to } = readQuery(c, query)
      if (from === undefined) throw invalidRequest('expected ?from=, the version to compare with', 'from')
      const stores = c.get('stores')
      const one = await findOneNamed(stores, readRef(name, from, 'from'), 'from')
      const other = await findOneNamed(stores, readRef(name, to, 'to'), 'to')
      return patientAnswer(c, () => diffAdapters(stores, one, other))
    },
  )
