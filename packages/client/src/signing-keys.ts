import {
  type Deleted,
  deletedSchema,
  type PutSigningKey,
  putSigningKeySchema,
  type SigningKeyObject,
  signingKeyListSchema,
  signingKeySchema,
} from '@weft/protocol'
import { readJson, type Send, segment } from './transport/request.ts'

const base = '/v1/signing_keys'

export const signingKeys = (send: Send) => ({
  /** Every key whose signatures are trusted. */
  async list(): Promise<SigningKeyObject[]> {
    return (await readJson(signingKeyListSchema, await send({ path: base }))).data
  },
  async trust(id: string, key: PutSigningKey = {}): Promise<SigningKeyObject> {
    return readJson(signingKeySchema, await send({ method: 'PUT', path: `${base}/${segment(id)}`, json: { schema: putSigningKeySchema, value: key } }))
  },
  /** From now on its signatures count for nothing, also those of adapters that are published. */
  async revoke(id: string): Promise<Deleted> {
    return readJson(deletedSchema, await send({ method: 'DELETE', path: `${base}/${segment(id)}` }))
  },
})
