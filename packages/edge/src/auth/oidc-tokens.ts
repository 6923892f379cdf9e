import { inWords } from '@weft/adapters'
import { isWeftError, type OidcConfig, roleSchema, scopeSchema, tenantSchema } from '@weft/protocol'
import { createRemoteJWKSet, type JWTPayload, type JWTVerifyGetKey, errors as jose, jwtVerify } from 'jose'
import * as z from 'zod/mini'
import type { Recognize } from './authenticate.ts'
import { expiredToken, invalidToken, issuerUnavailable } from './errors.ts'
import type { Principal } from './principal.ts'

const usualAlgorithms = ['RS256', 'ES256', 'EdDSA', 'Ed25519']
const usualClaims = { tenant: 'tenant', role: 'role', scopes: 'weft_scopes' }
/** An issuer that does not answer for so long is away. */
const timeoutMs = 5000

/**
 * JSON Web Tokens of an OpenID Connect issuer: signed by a key of its key set (RFC 7517) with an algorithm that is let through, for this audience, and not
 * expired. A key that is not known is looked for once more, so that an issuer may change its keys. Errors: 401 `invalid_token`, `token_expired`; 503
 * `issuer_unavailable`.
 */
export function oidcTokens({
  issuer,
  audience,
  jwksUrl,
  algorithms = usualAlgorithms,
  clockSkewSeconds = 30,
  jwksCooldownSeconds = 5,
  claims,
}: OidcConfig): Recognize {
  const keySet = createRemoteJWKSet(new URL(jwksUrl), { timeoutDuration: timeoutMs, cooldownDuration: jwksCooldownSeconds * 1000 })
  const named = { ...usualClaims, ...claims }
  const keyOf: JWTVerifyGetKey = (header, token) =>
    keySet(header, token).catch((error: unknown) => {
      if (isOfToken(error)) throw error
      console.warn(`the keys of ${issuer} cannot be read:`, error)
      throw issuerUnavailable(error)
    })
  return async (credential) => {
    if (!/^[\w-]+\.[\w-]+\.[\w-]*$/.test(credential)) return undefined
    const { payload } = await jwtVerify(credential, keyOf, {
      issuer,
      audience,
      algorithms: [...algorithms],
      clockTolerance: clockSkewSeconds,
      requiredClaims: ['exp', 'sub'],
    }).catch((error: unknown) => {
      throw refusalOf(error)
    })
    return principalOf(payload, named)
  }
}

/** Whether a key set has no key for a token since the token is as it is. */
const isOfToken = (error: unknown): boolean =>
  [jose.JWKSNoMatchingKey, jose.JWKSMultipleMatchingKeys, jose.JOSENotSupported].some((kind) => error instanceof kind)

function refusalOf(error: unknown): unknown {
  if (isWeftError(error)) return error
  if (error instanceof jose.JWTExpired) return expiredToken()
  if (error instanceof jose.JWTClaimValidationFailed) return invalidToken(`its claim "${error.claim}" is not what was expected`)
  if (error instanceof jose.JOSEAlgNotAllowed) return invalidToken('it is signed with an algorithm that is not let through')
  if (error instanceof jose.JWKSNoMatchingKey) return invalidToken('its issuer has no such key')
  if (error instanceof jose.JWKSMultipleMatchingKeys) return invalidToken('it does not say by "kid" which of its issuer\'s keys signed it')
  if (error instanceof jose.JWSSignatureVerificationFailed) return invalidToken('its signature is wrong')
  // A key that is too short for its algorithm is told by a plain error.
  return invalidToken(error instanceof jose.JOSEError ? 'it cannot be read' : 'the key that it names cannot verify it')
}

const scopesSchema = z.array(scopeSchema).check(z.maxLength(64))

function principalOf(payload: JWTPayload, claims: typeof usualClaims): Principal {
  const read = <S extends z.ZodMiniType>(schema: S, claim: string, value: unknown): z.output<S> => {
    const parsed = schema.safeParse(value)
    if (!parsed.success)
      throw invalidToken(`its claim "${claim}" is ${value === undefined ? 'missing' : `wrong (${inWords(parsed.error.issues)[0]!.message})`}`)
    return parsed.data
  }
  const said = payload[claims.scopes] ?? undefined
  const scopes = typeof said === 'string' ? said.split(/\s+/).filter(Boolean) : (said ?? [])
  // None at all is all of the tenant: what an issuer grants nothing must not come to that.
  if (said !== undefined && Array.isArray(scopes) && scopes.length === 0) throw invalidToken(`its claim "${claims.scopes}" is empty`)
  return {
    tenant: read(tenantSchema, claims.tenant, payload[claims.tenant]),
    role: read(roleSchema, claims.role, payload[claims.role]),
    scopes: read(scopesSchema, claims.scopes, scopes),
    id: `token:${payload.sub}`,
  }
}
