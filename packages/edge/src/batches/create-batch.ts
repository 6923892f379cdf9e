import { errors, parseWire } from '@weft/adapters'
import { type BatchObject, createBatchSchema, windowSeconds } from '@weft/protocol'
import type { Principal } from '../auth/principal.ts'
import { invalidRequest } from '../errors.ts'
import type { BatchRecord } from '../stores/batches.ts'
import type { TenantStores } from '../stores/tenant-stores.ts'

export type CreateBatch = (body: unknown, principal: Principal, stores: Pick<TenantStores, 'files'>, id: string) => Promise<BatchRecord>

/** Checks what can be told without reading the input. Errors 400 for the body and the file's purpose, 404 for a file that is not there. */
export const createBatch =
  ({ now }: { now: () => number }): CreateBatch =>
  async (body, principal, { files }, id) => {
    const { inputFileId, endpoint, completionWindow, metadata } = parseWire(createBatchSchema, body)
    const file = await files.get(inputFileId)
    if (!file) throw errors.notFound('file', inputFileId, [], 'input_file_id')
    if (file.purpose !== 'batch')
      throw invalidRequest(`"${inputFileId}" was uploaded with the purpose "${file.purpose}"; upload it with the purpose "batch"`, 'input_file_id')
    const createdAt = now()
    const batch: BatchObject = {
      id,
      object: 'batch',
      endpoint,
      errors: null,
      inputFileId,
      completionWindow,
      status: 'validating',
      outputFileId: null,
      errorFileId: null,
      createdAt,
      inProgressAt: null,
      expiresAt: createdAt + windowSeconds(completionWindow),
      finalizingAt: null,
      completedAt: null,
      failedAt: null,
      expiredAt: null,
      cancellingAt: null,
      cancelledAt: null,
      references: null,
      requestCounts: { total: 0, completed: 0, failed: 0 },
      metadata: metadata ?? null,
    }
    return { batch, principal, models: [] }
  }
