import * as z from 'zod/mini'

/** Whose work a request to a runner is, and how urgent: fields of every request that it computes for. */
export const askerFields = {
  /** Whose request it is. Tenants share a runner's time by their weights, and nothing that was computed for one is used for another. */
  tenant: z.optional(z.string().check(z.minLength(1), z.maxLength(128))),
  /** The tenant's share beside others' of weight 1; the newest request's counts. */
  tenantWeight: z.optional(z.number().check(z.gte(0.01), z.lte(100))),
  /** The lower, the sooner, as in vLLM; 0 when absent. */
  priority: z.optional(z.int().check(z.gte(-1000), z.lte(1000))),
}
