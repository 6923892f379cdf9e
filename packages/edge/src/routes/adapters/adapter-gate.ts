import { adapterSchema } from '@weft/protocol'
import { Hono } from 'hono'
import { sharedReadOnly } from '../../auth/errors.ts'
import type { PublishGate } from '../../gate/publish-gate.ts'
import { patientAnswer } from '../../http/answer.ts'
import { endpoint } from '../../http/endpoint.ts'
import type { Variables } from '../../http/variables.ts'
import { findOneNamed } from '../../resolve/find-named.ts'
import { readReference, type ShowAdapter } from './show-adapter.ts'

/** `POST /v1/adapters/{id}/gate`: measures a candidate again, as after a runner was away. */
export const adapterGateRoute = ({ gate, show }: { gate: PublishGate; show: ShowAdapter }) =>
  new Hono<Variables>().post(
    '/v1/adapters/:idGate{.+/gate}',
    endpoint({ summary: 'Measure a candidate by its publish gate again', tag: 'Adapters', answer: adapterSchema }),
    async (c) => {
      const stores = c.get('stores')
      const adapter = await findOneNamed(stores, readReference(c.req.param('idGate').slice(0, -'/gate'.length)), 'id')
      if (adapter.sharedBy !== undefined) throw sharedReadOnly(adapter.name, adapter.sharedBy)
      return patientAnswer(c, async (caller) => show(c, await gate.run(stores, adapter, caller)))
    },
  )
