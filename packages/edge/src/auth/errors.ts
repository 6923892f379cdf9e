import { WeftError } from '@weft/adapters'

const quoted = (names: readonly string[]): string => names.map((name) => `"${name}"`).join(', ')

export const expiredApiKey = (id: string) =>
  new WeftError('api_key_expired', `The API key ${id} has expired. An admin of its tenant makes another: weft keys create.`, { status: 401 })

export const revokedApiKey = (id: string) =>
  new WeftError('api_key_revoked', `The API key ${id} was revoked. An admin of its tenant makes another: weft keys create.`, { status: 401 })

export const tenantSuspended = () => new WeftError('tenant_suspended', 'This tenant is suspended. Whoever runs the deployment can say why.', { status: 403 })

/** @param param where the other tenant was named */
export const tenantForbidden = (param: 'x-weft-tenant' | 'tenant') =>
  new WeftError('tenant_forbidden', `This key works for its own tenant alone. Leave ${param} out, or use a key that may act on any tenant.`, {
    status: 403,
    param,
  })

export const invalidTenant = (problem: string) => new WeftError('invalid_request', `x-weft-tenant: ${problem}`, { param: 'x-weft-tenant' })

const quotedOr = (names: readonly string[]): string => names.map((name) => `"${name}"`).join(' or ')

export const tenantNotFound = (tenant: string, suggestions: readonly string[], param: string) =>
  new WeftError(
    'tenant_not_found',
    `There is no tenant "${tenant}"${suggestions.length ? `; did you mean ${quotedOr(suggestions)}?` : '.'} One begins with its first key, where that is said: weft keys create --tenant ${tenant} --new-tenant, or {"tenant", "new_tenant": true} to POST /v1/keys.`,
    { status: 404, param, details: { name: tenant, suggestions } },
  )

export const tenantExists = (tenant: string) =>
  new WeftError('tenant_exists', `There is a tenant "${tenant}" already. Leave new_tenant out to make another key of it, or choose another name.`, {
    status: 409,
    param: 'tenant',
  })

export const newTenantUnnamed = () => new WeftError('invalid_request', 'new_tenant: say which with "tenant".', { param: 'tenant' })

export const roleForbidden = (role: string, endpoint: string, allowed: readonly string[]) =>
  new WeftError(
    'role_forbidden',
    `A key of the role "${role}" may not ask ${endpoint}; ${allowed.length ? `the roles ${quoted(allowed)} may` : 'nobody may'}.`,
    {
      status: 403,
      details: { role, allowed },
    },
  )

export const outsideScopes = (name: string, param = 'name') =>
  new WeftError('outside_scopes', `This key's scopes do not take in "${name}". Choose a name that they do, or use another key.`, { status: 403, param })

export const scopesTooWide = () =>
  new WeftError('outside_scopes', 'A key can be given no more than its maker has: name scopes that lie within those of the key that you use.', {
    status: 403,
    param: 'scopes',
  })

export const sharedReadOnly = (name: string, owner: string, param = 'id') =>
  new WeftError('adapter_is_shared', `"${name}" is shared by the tenant "${owner}", which alone can change it. Publish under a name of your own.`, {
    status: 403,
    param,
  })

/** Whoever may act on any tenant is told how a key of another is named; for all others there are the keys of their own tenant alone. */
export const keyNotFound = (id: string, { tenant, anyTenant }: { tenant: string; anyTenant?: boolean }) =>
  new WeftError(
    'key_not_found',
    `There is no key "${id}"${anyTenant ? ` in the tenant "${tenant}". If it is of another, name that one: --tenant NAME, or the header x-weft-tenant.` : '.'}`,
    { status: 404, param: 'id', details: { name: id, suggestions: [] } },
  )

export const keyIsSpent = (id: string) =>
  new WeftError('key_is_spent', `The key ${id} has expired, was revoked or was rotated already: there is nothing to rotate. Create a new one.`, {
    status: 409,
    param: 'id',
  })

export const wholeTenantOnly = (endpoint: string) =>
  new WeftError('outside_scopes', `${endpoint} works on all that a tenant has, and this key has scopes. Use one without.`, { status: 403 })

export const invalidToken = (why: string) => new WeftError('invalid_token', `The token is not accepted: ${why}.`, { status: 401 })

export const expiredToken = () => new WeftError('token_expired', 'The token has expired. Ask its issuer for another.', { status: 401 })

export const issuerUnavailable = (cause: unknown) =>
  new WeftError('issuer_unavailable', "The keys of the token's issuer cannot be read now. Try again shortly.", { status: 503, cause })

export const purposeForbidden = (role: string, purpose: string, allowed: readonly string[]) =>
  new WeftError('role_forbidden', `A key of the role "${role}" handles files of the purposes ${quoted(allowed)}, and not of "${purpose}".`, {
    status: 403,
    param: 'purpose',
  })

export const operatorsOnly = (what: string) =>
  new WeftError('operators_only', `${what} is for the operator of the deployment: use a key that may act on any tenant.`, { status: 403 })
