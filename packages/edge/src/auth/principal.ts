/** Who asks. Everything that may one day depend on it (roles, quotas, policies) takes it from here. */
export interface Principal {
  /** Part of every composition's key, so that tenants never share a cache entry. */
  tenant: string
}
