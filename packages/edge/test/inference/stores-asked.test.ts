import { createExecutionContext, waitOnExecutionContext } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { expect, test } from 'vitest'
import { cloudflareRoot } from '../../src/cloudflare-composition-root.ts'
import type { Environment } from '../../src/environment.ts'
import { tokens } from '../../src/tokens.ts'
import { adapterFile, edge, generated, publish, script } from '../edge.ts'

const put = (name: string, route: object) => edge(`/v1/routes/${name}`, { method: 'PUT', body: JSON.stringify(route) })

/** The same bindings; every question to a store is written down. */
function listening(bindings: Environment): { bindings: Environment; asked: string[] } {
  const asked: string[] = []
  const DB = new Proxy(bindings.DB, {
    get: (db, name: keyof D1Database) =>
      name === 'prepare'
        ? (sql: string) => {
            asked.push(`D1 ${sql.replace(/\s+/g, ' ').trim().slice(0, 150)}`)
            return db.prepare(sql)
          }
        : typeof db[name] === 'function'
          ? db[name].bind(db)
          : db[name],
  })
  const listen = <T extends object>(kind: string, store: T): T =>
    new Proxy(store, {
      get: (of, name: keyof T & string) =>
        typeof of[name] === 'function'
          ? (...args: unknown[]) => {
              asked.push(`${kind} ${name} ${args[0]}`)
              return (of[name] as (...args: unknown[]) => unknown)(...args)
            }
          : of[name],
    })
  return { asked, bindings: { ...bindings, DB, ROUTES: listen('KV', bindings.ROUTES), ADAPTERS: listen('R2', bindings.ADAPTERS) } }
}

test('what a warm request asks of the stores', async () => {
  await publish('style/speech', await adapterFile())
  const { bindings, asked } = listening(env as Environment)
  const app = cloudflareRoot(bindings).get(tokens.app)
  const complete = async (model: string) => {
    await script(generated())
    const context = createExecutionContext()
    const request = new Request('http://127.0.0.1:8787/v1/completions', {
      method: 'POST',
      headers: { authorization: 'Bearer weft-local' },
      body: JSON.stringify({ model, prompt: 'a' }),
    })
    const response = await app.fetch(request, bindings, context)
    expect(response.status).toBe(200)
    const before = asked.splice(0)
    await waitOnExecutionContext(context)
    return { before, after: asked.splice(0) }
  }
  /** What the second request of a model asks before it is answered; what it did cost is noted afterwards. */
  const warm = async (model: string): Promise<string[]> => {
    await complete(model)
    const { before, after } = await complete(model)
    expect(after.every((question) => question.startsWith('D1 INSERT INTO usage'))).toBe(true)
    return before
  }
  expect(await warm('base')).toEqual([])
  const adapters = expect.stringMatching(/^D1 SELECT .* FROM adapter_versions/)
  expect(await warm('base + style/speech')).toEqual([adapters])
  // A name that is no stored route is not asked for again, whether the deployment's config has it or an adapter.
  expect(await warm('orator')).toEqual([adapters])
  expect(await warm('style/speech')).toEqual([adapters])
  // A stored route: one look at its copy.
  await put('asked/route', { composition: 'base + style/speech' })
  expect(await warm('asked/route')).toEqual(['KV get asked/route', adapters])
})
