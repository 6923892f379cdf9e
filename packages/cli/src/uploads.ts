import { isWeftError } from '@weft/adapters'
import type { UploadParameters, WeftClient } from '@weft/client'

/**
 * Uploads files for a job that is made with them. When the job, or one of the files, is refused, what was uploaded is deleted again.
 * Where the edge failed, or its answer did not come, the job may exist: its files stay.
 */
export const uploads = async <T>(weft: WeftClient, make: (upload: (file: UploadParameters) => Promise<string>) => Promise<T>): Promise<T> => {
  const ids: string[] = []
  try {
    return await make(async (file) => {
      const { id } = await weft.files.upload(file)
      ids.push(id)
      return id
    })
  } catch (error) {
    const refused = isWeftError(error) && error.status < 500
    // What was wrong with the job is what counts: a file that cannot be deleted does not hide it.
    if (refused) await Promise.allSettled(ids.map((id) => weft.files.delete(id)))
    throw error
  }
}
