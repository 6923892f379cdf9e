import {
  type AuditEntry,
  auditListSchema,
  type CreatedKey,
  type CreateKey,
  createdKeySchema,
  createKeySchema,
  type Deleted,
  deletedSchema,
  type KeyObject,
  keyListSchema,
  keySchema,
  type PutShare,
  putShareSchema,
  type RevokedKey,
  type RotateKey,
  revokedKeySchema,
  rotateKeySchema,
  type ShareObject,
  shareListSchema,
  shareSchema,
} from '@weft/protocol'
import { readJson, type Send, segment } from './transport/request.ts'

const base = '/v1/keys'

/** API keys of a tenant. */
export const keys = (send: Send) => ({
  /** Newest first. */
  async list(page: { after?: string; limit?: number } = {}): Promise<{ data: KeyObject[]; hasMore: boolean }> {
    return readJson(keyListSchema, await send({ path: base, query: page }))
  },
  async get(id: string): Promise<KeyObject> {
    return readJson(keySchema, await send({ path: `${base}/${segment(id)}` }))
  },
  /** The secret is in this answer and in no other. */
  async create(key: CreateKey): Promise<CreatedKey> {
    return readJson(createdKeySchema, await send({ method: 'POST', path: base, json: { schema: createKeySchema, value: key } }))
  },
  /** With the jobs and batches that it began. */
  async revoke(id: string): Promise<RevokedKey> {
    return readJson(revokedKeySchema, await send({ method: 'DELETE', path: `${base}/${segment(id)}` }))
  },
  /** A new secret for what the old one may; the old one ends, after `grace` seconds. */
  async rotate(id: string, how: RotateKey = {}): Promise<CreatedKey> {
    return readJson(createdKeySchema, await send({ method: 'POST', path: `${base}/${segment(id)}/rotate`, json: { schema: rotateKeySchema, value: how } }))
  },
})

/** Prefixes of a tenant's names that others may read. */
export const shares = (send: Send) => ({
  async list(): Promise<ShareObject[]> {
    return (await readJson(shareListSchema, await send({ path: '/v1/shares' }))).data
  },
  async put(share: PutShare): Promise<ShareObject> {
    return readJson(shareSchema, await send({ method: 'PUT', path: '/v1/shares', json: { schema: putShareSchema, value: share } }))
  },
  async delete({ prefix, reader }: PutShare): Promise<Deleted> {
    return readJson(deletedSchema, await send({ method: 'DELETE', path: '/v1/shares', query: { prefix, reader } }))
  },
})

/** Changes to what a tenant has, newest first. */
export const audit =
  (send: Send) =>
  async (page: { after?: string; limit?: number } = {}): Promise<{ data: AuditEntry[]; hasMore: boolean }> =>
    readJson(auditListSchema, await send({ path: '/v1/audit', query: page }))
