import { errors, latest, nearest, newAliasSchema, parseValue } from '@weft/adapters'
import { type AliasObject, aliasListSchema, aliasObjectSchema, deletedSchema, putAliasSchema, rollbackSchema } from '@weft/protocol'
import { type Context, Hono } from 'hono'
import { rollBack } from '../../adapters/roll-back.ts'
import { sendJson } from '../../http/body.ts'
import { endpoint } from '../../http/endpoint.ts'
import { preconditionHeaders, preconditionOf } from '../../http/preconditions.ts'
import { readOptionalRequest, readRequest } from '../../http/request.ts'
import type { Variables } from '../../http/variables.ts'
import type { AdapterAlias } from '../../stores/adapter-aliases.ts'
import type { TenantStores } from '../../stores/tenant-stores.ts'

const tag = 'Adapters'

const aliasObject = (alias: AdapterAlias, previous?: number | null): AliasObject => ({
  id: `${alias.name}@${alias.alias}`,
  object: 'adapter.alias',
  ...alias,
  ...(previous === undefined ? {} : { previous }),
})

/** The name and the alias of `…/aliases/prod`. */
const parts = (path: string): { name: string; alias: string } => {
  const at = path.lastIndexOf('/aliases/')
  return { name: path.slice(0, at), alias: path.slice(at + '/aliases/'.length) }
}

const send = (c: Context<Variables>, alias: AdapterAlias, previous?: number | null): Response => {
  c.header('etag', `"${alias.etag}"`)
  return sendJson(c, aliasObject(alias, previous))
}

/** `/v1/adapters/{name}/aliases` and `/v1/adapters/{name}/rollback`. Tried before what reads a whole path as a name. */
export const adapterAliasesRoute = () => {
  /** Error 404 `adapter_not_found`. */
  const existing = async ({ names }: TenantStores, name: string): Promise<void> => {
    if ((await names.versions(name)).length === 0) throw errors.notFound('adapter', name, nearest(name, await names.names()), 'name')
  }
  const notThere = async (stores: TenantStores, name: string, alias: string): Promise<Error> => {
    await existing(stores, name)
    const known = (await stores.aliases.list(name)).map((each) => each.alias)
    return errors.notFound('adapter_alias', `${name}@${alias}`, nearest(alias, known), 'alias')
  }
  return new Hono<Variables>()
    .get(
      '/v1/adapters/:nameAliases{.+/aliases}',
      endpoint({ summary: 'Aliases of a name, "latest" (what the bare name means) first', tag, answer: aliasListSchema }),
      async (c) => {
        const name = c.req.param('nameAliases').slice(0, -'/aliases'.length)
        await existing(c.get('stores'), name)
        return sendJson(c, { object: 'list', data: (await c.get('stores').aliases.list(name)).map((alias) => aliasObject(alias)), hasMore: false })
      },
    )
    .get('/v1/adapters/:nameAlias{.+/aliases/.+}', endpoint({ summary: 'One alias', tag, answer: aliasObjectSchema }), async (c) => {
      const { name, alias } = parts(c.req.param('nameAlias'))
      const found = await c.get('stores').aliases.get(name, alias)
      if (!found) throw await notThere(c.get('stores'), name, alias)
      return send(c, found)
    })
    .put(
      '/v1/adapters/:nameAlias{.+/aliases/.+}',
      endpoint({ summary: 'Make an alias, or move it, in one step', tag, headers: preconditionHeaders, body: putAliasSchema, answer: aliasObjectSchema }),
      async (c) => {
        const { name, alias: given } = parts(c.req.param('nameAlias'))
        const { version, expected: said } = await readRequest(c, putAliasSchema)
        const alias = parseValue(newAliasSchema, given, 'alias')
        await existing(c.get('stores'), name)
        const expected = preconditionOf(c, said)
        const moved = await c.get('stores').aliases.set({ name, alias, version, ...(expected ? { expected } : {}) })
        return send(c, moved.alias, moved.previous)
      },
    )
    .delete(
      '/v1/adapters/:nameAlias{.+/aliases/.+}',
      endpoint({ summary: 'Delete an alias; its version stays', tag, headers: preconditionHeaders, answer: deletedSchema }),
      async (c) => {
        const { name, alias } = parts(c.req.param('nameAlias'))
        // Deleting "latest" would undo a rollback in passing.
        if (alias === latest) parseValue(newAliasSchema, alias, 'alias')
        const deleted = await c.get('stores').aliases.delete(name, alias, preconditionOf(c, undefined))
        if (!deleted) throw await notThere(c.get('stores'), name, alias)
        return sendJson(c, { id: `${name}@${alias}`, object: 'adapter.alias', deleted: true })
      },
    )
    .post(
      '/v1/adapters/:nameRollback{.+/rollback}',
      endpoint({
        summary: 'Move what the bare name means to an earlier version',
        tag,
        headers: preconditionHeaders,
        optionalBody: rollbackSchema,
        answer: aliasObjectSchema,
      }),
      async (c) => {
        const name = c.req.param('nameRollback').slice(0, -'/rollback'.length)
        const { to, expected } = await readOptionalRequest(c, rollbackSchema)
        const moved = await rollBack(c.get('stores'), { name, to, expected: preconditionOf(c, expected) })
        return send(c, moved.alias, moved.previous)
      },
    )
}
