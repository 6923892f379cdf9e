/** Whose request it is, and how urgent. */
export interface Asker {
  /** Requests without one share a tenant. */
  tenant?: string | undefined
  /** The tenant's share of the work beside others' of weight 1. */
  tenantWeight?: number | undefined
  /** The lower, the sooner, as in vLLM; 0 when absent. A lower one goes first whatever its tenant has had. */
  priority?: number | undefined
}

/** Only that, of a request's options. */
export const askerOf = ({ tenant, tenantWeight, priority }: Asker): Asker => ({ tenant, tenantWeight, priority })

export const tenantOf = ({ tenant }: Asker): string => tenant ?? ''
