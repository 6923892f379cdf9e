import { WeftError } from '@weft/adapters'
import { storageFull } from '../../errors.ts'

export const databaseAway = (cause: Error) =>
  new WeftError('database_unavailable', `The database does not answer: ${cause.message}. Try again shortly.`, { status: 503, cause })

export const storageAway = (cause: Error) =>
  new WeftError('storage_unavailable', `The storage does not answer: ${cause.message}. Try again shortly.`, { status: 503, cause })

/** All that workerd says where the file behind one of its stores fails, which is also written when it is asked. */
const unsaid = /\binternal error; reference = /

/** What fails so on a person's own machine, where the disk is at hand and there is nobody else to ask: error 507 `storage_full`. */
export const localFault = (error: unknown): unknown => (error instanceof Error && unsaid.test(error.message) ? storageFull(error) : error)
