import { parseWire } from '@weft/adapters'
import { checkUnlabelled, deletedSchema, probeListSchema, putProbesSchema } from '@weft/protocol'
import { type Context, Hono } from 'hono'
import { adapterId } from '../../adapters/adapter-object.ts'
import { readJson, sendJson } from '../../http/body.ts'
import { endpoint } from '../../http/endpoint.ts'
import type { Variables } from '../../http/variables.ts'
import { probesNotFound, probesOfAnother } from '../../probes/errors.ts'
import { findOneNamed } from '../../resolve/find-named.ts'
import { readReference } from './show-adapter.ts'

const tag = 'Adapters'
const path = '/v1/adapters/:idProbes{.+/probes}'

/** The version that a path names, which must be the tenant's own. */
const ownAdapter = async (c: Context<Variables>) => {
  const stores = c.get('stores')
  const adapter = await findOneNamed(stores, readReference(c.req.param('idProbes')!.slice(0, -'/probes'.length)), 'id')
  if (adapter.tenant !== stores.tenant) throw probesOfAnother(adapterId(adapter), adapter.tenant)
  return { probes: stores.probes, adapter, id: adapterId(adapter) }
}

/** `/v1/adapters/{id}/probes`: inputs of an adapter's own data, without answers. They stay within the tenant, and the adapter's file is without them. */
export const adapterProbesRoute = () =>
  new Hono<Variables>()
    .get(path, endpoint({ summary: 'Inputs of its own data that an adapter carries', tag, answer: probeListSchema }), async (c) => {
      const { probes, adapter, id } = await ownAdapter(c)
      const data = (await probes.get([adapter.digest])).get(adapter.digest)
      if (!data) throw probesNotFound(id)
      return sendJson(c, { object: 'list', data })
    })
    .put(path, endpoint({ summary: 'Give an adapter its probes, or others', tag, body: putProbesSchema, answer: probeListSchema }), async (c) => {
      const body = await readJson(c)
      checkUnlabelled((body as { data?: unknown } | null)?.data)
      const { data } = parseWire(putProbesSchema, body)
      const { probes, adapter } = await ownAdapter(c)
      await probes.put(adapter.digest, data)
      return sendJson(c, { object: 'list', data })
    })
    .delete(path, endpoint({ summary: "Delete an adapter's probes", tag, answer: deletedSchema }), async (c) => {
      const { probes, adapter, id } = await ownAdapter(c)
      if ((await probes.delete([adapter.digest])).length === 0) throw probesNotFound(id)
      return sendJson(c, { id, object: 'adapter.probes', deleted: true })
    })
