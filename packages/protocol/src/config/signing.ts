import { invalidSigningConfig } from '../errors.ts'
import { timeOfDate } from '../time-of-date.ts'
import { keyIdSchema } from '../wire/adapters/signing-keys.ts'

/** Which names: every one, or those that begin with one of these (`mail/`). */
export type NameCover = true | readonly string[]

/** Who may vouch for adapters, and for which a signature is asked. */
export interface SigningConfig {
  /** Public keys that every tenant trusts, as `weft sign-keys new` prints them. */
  keys?: readonly { id: string; name?: string /** Last moment of publications with it, as in `2027-06-30`. */; expires?: string }[]
  /** What is published only with the signature of a trusted key. */
  publish?: NameCover
  /** What is used only with one: an adapter whose key is trusted no more answers nothing. */
  load?: NameCover
}

/** Error `signing_config_invalid` for a key that is none or stands twice, a date that is none, or a signature that nobody could give. */
export function checkSigning({ keys = [], publish, load }: SigningConfig): void {
  const seen = new Set<string>()
  for (const { id, expires } of keys) {
    if (!keyIdSchema.safeParse(id).success) throw invalidSigningConfig(`signing.keys: "${id}" is no public key; "npx weft sign-keys new" prints one`)
    if (seen.has(id)) throw invalidSigningConfig(`signing.keys: "${id}" is there twice`)
    if (expires !== undefined && timeOfDate(expires) === undefined)
      throw invalidSigningConfig(`signing.keys: "${expires}" is no date; expected one such as "2027-06-30"`)
    seen.add(id)
  }
  for (const [at, cover] of Object.entries({ publish, load }))
    if (Array.isArray(cover) && cover.length === 0) throw invalidSigningConfig(`signing.${at} names nothing; leave it out, or name prefixes such as "mail/"`)
}

/** Whether a name is among those. */
export const covers = (cover: NameCover | undefined, name: string): boolean => cover === true || (cover ?? []).some((prefix) => name.startsWith(prefix))
