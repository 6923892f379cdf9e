import { keyPrefix } from '../tenant-stores.ts'
import type { ObjectStorage } from './object-storage.ts'
import type { StoredObject } from './stored-object.ts'

/** Every object of a tenant. Other tenants' keys begin with `@`, which none of the default tenant's does. */
export async function tenantObjects(storage: ObjectStorage, tenant: string): Promise<StoredObject[]> {
  const prefix = keyPrefix(tenant)
  const all = await storage.list(prefix)
  return all.filter(({ id }) => prefix !== '' || !id.startsWith('@')).map((object) => ({ ...object, id: object.id.slice(prefix.length) }))
}
