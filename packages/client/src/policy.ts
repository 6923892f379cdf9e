import { type Deleted, deletedSchema, type Policy, type PolicyObject, policyObjectSchema, policySchema, type UsageList, usageListSchema } from '@weft/protocol'
import type { Days } from './routes.ts'
import { readJson, type Send } from './transport/request.ts'

const path = '/v1/policy'

/** What a tenant's requests may ask. */
export const policy = (send: Send) => ({
  async get(): Promise<PolicyObject> {
    return readJson(policyObjectSchema, await send({ path }))
  },
  /** For the operator of a deployment. */
  async put(value: Policy): Promise<PolicyObject> {
    return readJson(policyObjectSchema, await send({ method: 'PUT', path, json: { schema: policySchema, value } }))
  },
  async delete(): Promise<Deleted> {
    return readJson(deletedSchema, await send({ method: 'DELETE', path }))
  },
})

/** Requests and tokens by day, route and kind. */
export const usage =
  (send: Send) =>
  async ({ from, to, route }: Days & { route?: string } = {}): Promise<UsageList> =>
    readJson(usageListSchema, await send({ path: '/v1/usage', query: { from, to, route } }))
