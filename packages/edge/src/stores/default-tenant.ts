/** Whose everything is that was stored before there were tenants, and what the first key works on. */
export const defaultTenant = 'default'
