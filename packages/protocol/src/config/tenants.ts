import { inWords } from '@weft/adapters'
import { tenantsConfigInvalid } from '../errors.ts'
import { putShareSchema } from '../wire/tenants/shares.ts'
import { tenantSchema } from '../wire/tenants/tenant.ts'

/** Signature algorithms with a public key: what a token's issuer may be trusted with. */
const publicKeyAlgorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519']

/** Tokens of an OpenID Connect issuer that are let in beside keys. */
export interface OidcConfig {
  /** As the tokens' `iss` says, to the letter. */
  issuer: string
  /** What `aud` must name. */
  audience: string
  /** Where the issuer's public keys are. */
  jwksUrl: string
  /** Algorithms that are let through; RS256, ES256 and EdDSA when absent. */
  algorithms?: readonly string[]
  /** How far the issuer's clock may be off; 30 when absent. */
  clockSkewSeconds?: number
  /** Between two questions for the issuer's keys, when a token names one that is not known; 5 when absent. */
  jwksCooldownSeconds?: number
  /** Claims that say the tenant, the role, and the scopes (a list, or words with spaces between): `tenant`, `role` and `weft_scopes` when absent. */
  claims?: { tenant?: string; role?: string; scopes?: string }
}

interface Checked {
  tenants?: Readonly<Record<string, { shares?: readonly { prefix: string; readers: readonly string[] }[] }>>
  oidc?: OidcConfig
}

/** Error `tenants_config_invalid` for a tenant's name or a share that is none, and for an issuer that could not be trusted. */
export function checkTenants({ tenants = {}, oidc }: Checked): void {
  for (const [tenant, { shares = [] }] of Object.entries(tenants)) {
    if (!tenantSchema.safeParse(tenant).success)
      throw tenantsConfigInvalid(`tenants: "${tenant}" is no tenant's name: expected small letters, digits and hyphens`)
    for (const { prefix, readers } of shares)
      for (const reader of readers) {
        const parsed = putShareSchema.safeParse({ prefix, reader })
        if (!parsed.success) throw tenantsConfigInvalid(`tenants.${tenant}.shares: ${inWords(parsed.error.issues)[0]!.message}`)
      }
  }
  if (!oidc) return
  for (const name of ['issuer', 'audience'] as const) if (!oidc[name]) throw tenantsConfigInvalid(`oidc.${name}: expected what the tokens say, to the letter`)
  if (!URL.canParse(oidc.jwksUrl)) throw tenantsConfigInvalid(`oidc.jwksUrl: "${oidc.jwksUrl}" is no URL`)
  const [strange] = (oidc.algorithms ?? []).filter((algorithm) => !publicKeyAlgorithms.includes(algorithm))
  if (strange !== undefined || oidc.algorithms?.length === 0)
    throw tenantsConfigInvalid(
      `oidc.algorithms: ${strange === undefined ? 'none' : `"${strange}"`} is let through; expected some of ${publicKeyAlgorithms.join(', ')}`,
    )
}
