import { errors, nearest, newNameSchema, parseSignature } from '@weft/adapters'
import type { PluginRegistry } from '@weft/methods'
import { type AdapterObject, adapterListSchema, adapterSchema, deletedSchema } from '@weft/protocol'
import { type Context, Hono } from 'hono'
import * as z from 'zod/mini'
import { adapterFile, whileThere } from '../../adapters/adapter-file.ts'
import { adapterId, adapterObject } from '../../adapters/adapter-object.ts'
import { publishAdapter } from '../../adapters/publish.ts'
import type { Signatures } from '../../adapters/signatures.ts'
import { withdrawReference } from '../../adapters/withdraw.ts'
import { bodyTooLarge, invalidRequest } from '../../errors.ts'
import type { PublishGate } from '../../gate/publish-gate.ts'
import { patientAnswer } from '../../http/answer.ts'
import { readBytes, sendJson } from '../../http/body.ts'
import { endpoint, rawContent } from '../../http/endpoint.ts'
import { readQuery } from '../../http/query.ts'
import type { Variables } from '../../http/variables.ts'
import { idempotencyHeaders, idempotent } from '../../idempotency/idempotent.ts'
import { madeOnce } from '../../idempotency/made-once.ts'
import { findOneNamed } from '../../resolve/find-named.ts'
import { checkFree } from '../../resolve/free-name.ts'
import type { ModelCatalog } from '../../resolve/model-catalog.ts'
import { type AdapterVersion, publicationPrefix } from '../../stores/adapter-names.ts'
import { forceQuery, readForce } from './force.ts'
import { readReference, type ShowAdapter } from './show-adapter.ts'

interface Dependencies {
  /** What an uploaded adapter's method is looked up in. */
  plugins: PluginRegistry
  catalog: ModelCatalog
  signatures: Signatures
  gate: PublishGate
  show: ShowAdapter
  now: () => number
  maxFileBytes: number
}

const tag = 'Adapters'
const publishQuery = z.strictObject({ name: newNameSchema, signature: z.optional(z.string().check(z.maxLength(256))) })

const shown = async (c: Context<Variables>, versions: readonly AdapterVersion[], name?: string): Promise<AdapterObject[]> => {
  const aliases = await c.get('stores').aliases.list(name)
  return versions.map((adapter) => adapterObject(adapter, aliases))
}

/**
 * `/v1/adapters`. Names have slashes, which may stand in a path as they are or encoded. A parameter that takes slashes takes all that
 * follows, so what follows a name is part of the pattern.
 */
export const adaptersRoute = ({ plugins, catalog, signatures, gate, show, now, maxFileBytes }: Dependencies) =>
  new Hono<Variables>()
    .get('/v1/adapters', endpoint({ summary: 'List adapters, every version', tag, answer: adapterListSchema }), async (c) =>
      sendJson(c, { object: 'list', data: await shown(c, await c.get('stores').names.list()), hasMore: false }),
    )
    .post(
      '/v1/adapters',
      endpoint({
        summary: 'Publish an adapter file as the next version of `?name=`',
        tag,
        query: publishQuery,
        accepts: { 'application/octet-stream': { schema: rawContent('application/octet-stream') } },
        headers: idempotencyHeaders,
        answer: adapterSchema,
        status: 201,
      }),
      idempotent(maxFileBytes),
      async (c) => {
        if (c.req.query('name') === undefined) throw invalidRequest('expected ?name=, the name to publish under', 'name')
        const { name, signature } = readQuery(c, publishQuery)
        const stores = c.get('stores')
        const measured = async (published: AdapterVersion) =>
          published.candidate
            ? patientAnswer(c, async (caller) => show(c, await gate.run(stores, published, caller)), 201)
            : sendJson(c, await show(c, published), 201)
        const { id, made } = await madeOnce(c, publicationPrefix, stores.names.findByJob)
        // A gate that the edge was killed over has said nothing yet.
        if (made) return made.gate ? sendJson(c, await show(c, made), 201) : measured(made)
        await checkFree(name, { ...stores, catalog }, 'name')
        const parsed = signature === undefined ? undefined : parseSignature(signature)
        const bytes = await readBytes(c.req.raw, maxFileBytes, (bytes) => bodyTooLarge(bytes, maxFileBytes, 'body'))
        const models = await catalog.list().catch(() => [])
        return measured(await publishAdapter({ ...stores, plugins, signatures, gate, now }, { name, bytes, models, signature: parsed, publication: id }))
      },
    )
    .get('/v1/adapters/:nameVersions{.+/versions}', endpoint({ summary: 'Versions of a name, newest first', tag, answer: adapterListSchema }), async (c) => {
      const name = c.req.param('nameVersions').slice(0, -'/versions'.length)
      const { names } = c.get('stores')
      const versions = await names.versions(name)
      if (versions.length === 0) throw errors.notFound('adapter', name, nearest(name, await names.names()), 'name')
      return sendJson(c, { object: 'list', data: await shown(c, versions, name), hasMore: false })
    })
    .get('/v1/adapters/:idContent{.+/content}', endpoint({ summary: "An adapter's file", tag, answers: ['application/octet-stream'] }), async (c) => {
      const stores = c.get('stores')
      const adapter = await findOneNamed(stores, readReference(c.req.param('idContent').slice(0, -'/content'.length)), 'id')
      const file = adapterFile(stores.blobsOf(adapter), { id: adapterId(adapter), digest: adapter.digest })
      const bytes = await whileThere(file, stores.names, adapter, 'id')
      return c.body(bytes as Uint8Array<ArrayBuffer>, 200, {
        'content-type': 'application/octet-stream',
        'content-disposition': `attachment; filename*=UTF-8''${encodeURIComponent(adapterId(adapter).replaceAll('/', '-'))}.safetensors`,
        etag: `"${adapter.digest}"`,
      })
    })
    .get('/v1/adapters/:id{.+}', endpoint({ summary: 'One adapter, with its manifest', tag, answer: adapterSchema }), async (c) =>
      sendJson(c, await show(c, await findOneNamed(c.get('stores'), readReference(c.req.param('id')), 'id'))),
    )
    .delete(
      '/v1/adapters/:id{.+}',
      endpoint({ summary: 'Delete a version, or all of a name, that nothing uses', tag, query: forceQuery, answer: deletedSchema }),
      async (c) => {
        const id = c.req.param('id')
        await withdrawReference(c.get('stores'), readReference(id), 'id', readForce(c))
        return sendJson(c, { id, object: 'adapter', deleted: true })
      },
    )
