import { isWeftError, WeftError } from '@weft/adapters'
import type { UploadParameters, WeftClient } from '@weft/client'
import type { RowKind } from '@weft/protocol'
import { CliError, rowsOfOtherKind } from './errors.ts'

/** A file, and what its rows have to be, where a command takes no others. */
export interface Uploaded extends UploadParameters {
  only?: { kind: RowKind; form: string }
}

/**
 * Uploads files for a job that is made with them. When the job, or one of the files, is refused, what was uploaded is deleted again.
 * Where the edge failed, or its answer did not come, the job may exist: its files stay.
 */
export const uploads = async <T>(weft: WeftClient, make: (upload: (file: Uploaded) => Promise<string>) => Promise<T>): Promise<T> => {
  const ids: string[] = []
  try {
    return await make(async ({ only, ...file }) => {
      const { id, kind } = await weft.files.upload(file).catch((error: unknown) => {
        throw named(error, file.filename)
      })
      ids.push(id)
      if (only && kind !== only.kind) throw rowsOfOtherKind(file.filename ?? 'the file', kind ?? 'batch', only.form)
      return id
    })
  } catch (error) {
    const refused = error instanceof CliError || (isWeftError(error) && error.status < 500)
    // What was wrong with the job is what counts: a file that cannot be deleted does not hide it.
    if (refused) await Promise.allSettled(ids.map((id) => weft.files.delete(id)))
    throw error
  }
}

/** A refusal of a file by that file's name: of several, "training file" would be any. */
const named = (error: unknown, filename: string | undefined): unknown =>
  isWeftError(error) && filename !== undefined && error.message.startsWith('training file')
    ? new WeftError(
        error.code,
        error.message.replace('training file', () => filename),
        {
          status: error.status,
          fault: error.fault,
          ...(error.param === undefined ? {} : { param: error.param }),
          ...(error.details === undefined ? {} : { details: error.details }),
        },
      )
    : error
