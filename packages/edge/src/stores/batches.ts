import type { BatchObject, RouteObject } from '@weft/protocol'
import type { Principal } from '../auth/principal.ts'

/** What the names in a batch's requests stand for, from when its input was read to its end. */
export interface BatchPins {
  /** By the reference, as it is written. */
  adapters: Record<string, { id: string; digest: string }>
  routes: Record<string, Pick<RouteObject, 'version' | 'composition' | 'variants' | 'twin' | 'defaults'>>
}

/** A batch: what the outside sees of it, and what its requests are answered with. */
export interface BatchRecord {
  batch: BatchObject
  /** Whose requests they are. */
  principal: Principal
  /** The names in the requests' `model` fields, known once the input was read. */
  models: string[]
  /** Known once the input was read. */
  pins?: BatchPins
}

/** Every batch that a tenant ever had. After it is made, its host alone writes it. */
export interface Batches {
  /** Error 409 `idempotency_key_in_use` where it is there. */
  create(record: BatchRecord): Promise<void>
  /** Takes back a batch that was just made. */
  delete(id: string): Promise<void>
  save(record: BatchRecord): Promise<void>
  /** Ids of batches that have not ended, and that one of these made. */
  unfinishedOf(principals: readonly string[]): Promise<string[]>
  /** Ids of batches that have not ended, and in whose requests a route stands for what it was when they were read. */
  unfinishedOn(route: string): Promise<string[]>
  get(id: string): Promise<BatchRecord | undefined>
  /** Those of these that there are, in no order, all in one question. */
  getAll(ids: readonly string[]): Promise<BatchRecord[]>
  /** Newest first. */
  list(page: { after?: string | undefined; limit: number }): Promise<{ batches: BatchObject[]; hasMore: boolean }>
}
