import * as z from 'zod/mini'

/** A tenant's name: small letters, digits and hyphens. */
export const tenantSchema = z.string().check(z.regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/, 'expected small letters, digits and hyphens, such as "acme"'))

/** Header by which a principal that may act on any tenant says on which. */
export const tenantHeader = 'x-weft-tenant'
