import type { StoredObject } from '../../stored-object.ts'
import { keyPrefix } from '../../tenant-stores.ts'

/** Every object of a tenant in a bucket. Other tenants' keys begin with `@`, which none of the default tenant's does. */
export async function r2Objects(bucket: R2Bucket, tenant: string): Promise<StoredObject[]> {
  const prefix = keyPrefix(tenant)
  const all: StoredObject[] = []
  for (let cursor: string | undefined; ; ) {
    const page = await bucket.list({ prefix, ...(cursor === undefined ? {} : { cursor }) })
    for (const { key, size, uploaded } of page.objects)
      if (prefix !== '' || !key.startsWith('@')) all.push({ id: key.slice(prefix.length), bytes: size, storedAt: Math.floor(uploaded.getTime() / 1000) })
    if (!page.truncated) return all
    cursor = page.cursor
  }
}
