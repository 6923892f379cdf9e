import { type AdapterSignature, readSigningKey, type SigningKey, verifySignature } from '@weft/adapters'
import { covers, type SignatureStanding, type SigningConfig, type SigningKeyObject } from '@weft/protocol'
import { LRUCache } from 'lru-cache'
import type { AdapterVersion } from '../stores/adapter-names.ts'
import type { TrustedKey } from '../stores/signing-keys.ts'
import type { TenantStores } from '../stores/tenant-stores.ts'
import { adapterId } from './adapter-object.ts'
import { deploymentKeyMalformed, signatureInvalid, signatureKeyExpired, signatureKeyUnknown, signatureMissing } from './errors.ts'

type Stores = Pick<TenantStores, 'signingKeys'>

interface Signed {
  name: string
  digest: string
  signature: AdapterSignature | null
  /** When it was published, or is. Seconds since 1970. */
  at: number
}

/** Whose signatures are trusted, and where one is asked for. */
export interface Signatures {
  /** This deployment's own, for what jobs publish; undefined where it has no key. */
  sign(digest: string): Promise<AdapterSignature | undefined>
  /** Errors: 422 `signature_invalid`; 403 `signature_missing`, `signature_key_unknown`, `signature_key_expired`. */
  checkPublication(stores: Stores, signed: Signed): Promise<void>
  /** Before a job is made: what it publishes could be signed by nobody. Errors 403 `signature_missing`; 500 `signing_key_malformed`. */
  checkJob(name: string): Promise<void>
  /** Errors as `checkPublication`, for versions that are about to be used. */
  checkUse(stores: Stores, adapters: Iterable<AdapterVersion>): Promise<void>
  standing(stores: Stores, adapter: AdapterVersion): Promise<SignatureStanding | undefined>
  /** Every key that counts for a tenant. */
  keys(stores: Stores): Promise<SigningKeyObject[]>
}

const seconds = (date: string): number => Math.floor(Date.parse(date) / 1000)

/** @param ownKey private key in PEM */
export function signatures({ keys: configured = [], publish, load }: SigningConfig, ownKey: string | undefined): Signatures {
  let read: Promise<SigningKey> | undefined
  const own = async (): Promise<SigningKey | undefined> =>
    ownKey === undefined
      ? undefined
      : (read ??= readSigningKey(ownKey).catch(() => {
          throw deploymentKeyMalformed()
        }))
  // A signature is over a digest for ever; only whom to trust changes.
  const verified = new LRUCache<string, boolean>({ max: 10_000 })
  const isGenuine = async (signature: AdapterSignature, digest: string): Promise<boolean> => {
    const key = `${signature.keyId}:${signature.signature}:${digest}`
    const known = verified.get(key)
    if (known !== undefined) return known
    const genuine = await verifySignature(signature, digest)
    verified.set(key, genuine)
    return genuine
  }
  const object = (key: TrustedKey, source: SigningKeyObject['source']): SigningKeyObject => ({ object: 'signing_key', ...key, source })

  const keys = async ({ signingKeys }: Stores): Promise<SigningKeyObject[]> => {
    const mine = await own()
    return [
      ...(mine ? [object({ id: mine.keyId, name: null, expiresAt: null, createdAt: null }, 'deployment')] : []),
      ...configured.map(({ id, name = null, expires }) =>
        object({ id, name, expiresAt: expires === undefined ? null : seconds(expires), createdAt: null }, 'config'),
      ),
      ...(await signingKeys.list()).map((key) => object(key, 'tenant')),
    ]
  }

  const standingOf = async (signature: AdapterSignature, digest: string, at: number, trusted: () => Promise<readonly SigningKeyObject[]>) => {
    if (!(await isGenuine(signature, digest))) return 'invalid'
    const known = (await trusted()).filter(({ id }) => id === signature.keyId)
    if (known.length === 0) return 'unknown_key'
    return known.some(({ expiresAt }) => expiresAt === null || at <= expiresAt) ? 'valid' : 'expired_key'
  }

  /** @param required whether a signature is asked for; one that is there must be good either way, but for a key that nobody knows */
  const check = async ({ name, digest, signature, at }: Signed, id: string, required: boolean, trusted: () => Promise<readonly SigningKeyObject[]>) => {
    if (!signature) {
      if (required) throw signatureMissing(name)
      return
    }
    const standing = await standingOf(signature, digest, at, trusted)
    if (standing === 'invalid') throw signatureInvalid(id, signature.keyId)
    if (standing === 'expired_key') throw signatureKeyExpired(id, signature.keyId)
    if (standing === 'unknown_key' && required) throw signatureKeyUnknown(id, signature.keyId)
  }

  return {
    keys,
    sign: async (digest) => (await own())?.sign(digest),
    checkPublication: (stores, signed) => check(signed, signed.name, covers(publish, signed.name), () => keys(stores)),
    async checkJob(name) {
      // What a job publishes is signed whether or not a signature is asked for: a key that cannot sign would cost a whole training.
      const key = await own()
      if ((covers(publish, name) || covers(load, name)) && !key) throw signatureMissing(name, true)
    },
    async checkUse(stores, adapters) {
      let asked: Promise<SigningKeyObject[]> | undefined
      const trusted = () => (asked ??= keys(stores))
      for (const adapter of adapters) if (covers(load, adapter.name)) await check({ ...adapter, at: adapter.createdAt }, adapterId(adapter), true, trusted)
    },
    async standing(stores, { signature, digest, createdAt }) {
      return signature ? standingOf(signature, digest, createdAt, () => keys(stores)) : undefined
    },
  }
}
