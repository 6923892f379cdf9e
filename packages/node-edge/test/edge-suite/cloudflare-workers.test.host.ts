import type { ObjectStorage } from '@weft/edge/host'
import { asked, host, variables } from './host.test.host.ts'

/** A storage of objects as the suite asks R2 for what lies in it. */
const bucket = (storage: () => ObjectStorage) => ({
  put: (key: string, bytes: Uint8Array | string) => storage().put(key, typeof bytes === 'string' ? new TextEncoder().encode(bytes) : bytes),
  head: async (key: string) => (await storage().head(key)) ?? null,
  async get(key: string) {
    const bytes = await storage().get(key)
    return bytes ? { arrayBuffer: async () => new Uint8Array(bytes).buffer } : null
  },
  delete: (key: string) => storage().delete(key),
  list: async ({ prefix }: { prefix: string }) => ({ objects: await storage().list(prefix) }),
})

/** What the suite reaches of its host, under the names that workerd gives it. */
export const env = {
  ...variables,
  ASSETS: {},
  ADAPTERS: bucket(() => host.objects.adapters),
  FILES: bucket(() => host.objects.files),
  CHECKPOINTS: bucket(() => host.objects.checkpoints),
  DB: {
    prepare: (query: string) => host.database.prepare(query),
    batch: (statements: Parameters<typeof host.database.batch>[0]) => host.database.batch(statements),
  },
  MIGRATIONS: [],
}
export const exports = { default: { fetch: asked } }
