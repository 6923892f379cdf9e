import { contradictionsOf, deletedSchema, policyObjectSchema, policySchema } from '@weft/protocol'
import { contradictsItself } from '@weft/protocol/errors'
import { Hono } from 'hono'
import { sendJson } from '../../http/body.ts'
import { endpoint } from '../../http/endpoint.ts'
import { readRequest } from '../../http/request.ts'
import type { Variables } from '../../http/variables.ts'

const tag = 'Policies'

/** `/v1/policy`: what the tenant's requests may ask. Its own keys read it; the operator, who may name any tenant, writes it. */
export const policyRoute = () =>
  new Hono<Variables>()
    .get('/v1/policy', endpoint({ summary: "The tenant's policy", tag, answer: policyObjectSchema }), async (c) => {
      const { tenant, policy } = c.get('stores')
      return sendJson(c, { object: 'policy', tenant, policy: (await policy.get()) ?? {} })
    })
    .put('/v1/policy', endpoint({ summary: "Set the tenant's policy", tag, body: policySchema, answer: policyObjectSchema }), async (c) => {
      const stores = c.get('stores')
      const policy = await readRequest(c, policySchema)
      const contradictions = contradictionsOf(policy)
      if (contradictions.length > 0) throw contradictsItself('the policy', contradictions)
      await stores.policy.put(policy)
      return sendJson(c, { object: 'policy', tenant: stores.tenant, policy })
    })
    .delete('/v1/policy', endpoint({ summary: "Delete the tenant's policy; that of the config applies again", tag, answer: deletedSchema }), async (c) => {
      const { tenant, policy } = c.get('stores')
      return sendJson(c, { id: tenant, object: 'policy', deleted: await policy.delete() })
    })
