import { errors, parseValue } from '@weft/adapters'
import { deletedSchema, keyIdSchema, putSigningKeySchema, signingKeyListSchema, signingKeySchema } from '@weft/protocol'
import { Hono } from 'hono'
import { signingKeyIsConfigured } from '../../adapters/errors.ts'
import type { Signatures } from '../../adapters/signatures.ts'
import { invalidRequest } from '../../errors.ts'
import { sendJson } from '../../http/body.ts'
import { endpoint } from '../../http/endpoint.ts'
import { readRequest } from '../../http/request.ts'
import type { Variables } from '../../http/variables.ts'
import { nowSeconds } from '../../identifiers.ts'

const tag = 'Signing keys'

/** `/v1/signing_keys`: public keys whose signatures on adapters are trusted. */
export const signingKeysRoute = ({ signatures }: { signatures: Signatures }) =>
  new Hono<Variables>()
    .get('/v1/signing_keys', endpoint({ summary: 'Keys whose signatures are trusted', tag, answer: signingKeyListSchema }), async (c) =>
      sendJson(c, { object: 'list', data: await signatures.keys(c.get('stores')), hasMore: false }),
    )
    .put('/v1/signing_keys/:id', endpoint({ summary: 'Trust a public key', tag, body: putSigningKeySchema, answer: signingKeySchema }), async (c) => {
      const id = parseValue(keyIdSchema, c.req.param('id'), 'id')
      const { name = null, expiresAt = null } = await readRequest(c, putSigningKeySchema)
      const { signingKeys } = c.get('stores')
      const known = (await signingKeys.list()).find((key) => key.id === id)
      // A key that is trusted already may be dated back: what was published with it since counts no more.
      if (!known && expiresAt !== null && expiresAt <= nowSeconds())
        throw invalidRequest(`${new Date(expiresAt * 1000).toISOString()} is past; nothing could be published with this key`, 'expires_at')
      const key = { id, name, expiresAt, createdAt: known?.createdAt ?? nowSeconds() }
      await signingKeys.put(key)
      return sendJson(c, { object: 'signing_key', ...key, source: 'tenant' })
    })
    .delete('/v1/signing_keys/:id', endpoint({ summary: 'Trust a key no more', tag, answer: deletedSchema }), async (c) => {
      const id = c.req.param('id')
      const stores = c.get('stores')
      if (!(await stores.signingKeys.delete(id))) {
        if ((await signatures.keys(stores)).some((key) => key.id === id)) throw signingKeyIsConfigured(id)
        throw errors.notFound('signing_key', id, [], 'id')
      }
      return sendJson(c, { id, object: 'signing_key', deleted: true })
    })
