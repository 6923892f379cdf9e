import { errors, type WeftError } from '@weft/adapters'
import { fileContentMissing } from '../errors.ts'
import type { TrainingFiles } from './training-files.ts'

/** Why there is no content under a file's id: 404 `file_not_found`, or `file_content_missing` where the file itself is known. */
export const lostContent = async (files: Pick<TrainingFiles, 'get'>, id: string, param: string): Promise<WeftError> =>
  (await files.get(id)) ? fileContentMissing(id, param) : errors.notFound('file', id, [], param)
