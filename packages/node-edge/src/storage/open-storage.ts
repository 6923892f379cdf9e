import { statSync } from 'node:fs'
import { homeNotWrittenOut, storageNoFolder, storageNotUnderstood } from '../errors.ts'
import { isHome, pathOf } from '../scheme.ts'
import type { OpenStorageOptions, OwnStorage } from './own-storage.ts'

/**
 * Opens `s3://bucket/prefix`, or else a folder, and tries whether it can be written. Errors: 400 `invalid_storage`, `s3_not_configured`;
 * `storage_not_writable`, `bucket_missing`, `s3_failed`.
 * @param variables of the environment, for S3: `AWS_*`
 */
export async function openStorage(storage: string, variables: NodeJS.ProcessEnv, options: OpenStorageOptions = {}): Promise<OwnStorage> {
  if (storage.startsWith('s3://')) return (await import('./s3-storage.ts')).openS3(storage, variables, options)
  if (isHome(storage)) throw homeNotWrittenOut('storage', storage)
  const folder = storage === '' ? undefined : pathOf(storage)
  if (folder === undefined) throw storageNotUnderstood(storage)
  if (statSync(folder, { throwIfNoEntry: false })?.isFile()) throw storageNoFolder(folder)
  return (await import('./directory-storage.ts')).openDirectory(folder, options)
}
