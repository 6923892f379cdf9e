import { WeftError } from '@weft/adapters'

export const databaseAway = (cause: Error) =>
  new WeftError('database_unavailable', `The database does not answer: ${cause.message}. Try again shortly.`, { status: 503, cause })

export const storageAway = (cause: Error) =>
  new WeftError('storage_unavailable', `The storage does not answer: ${cause.message}. Try again shortly.`, { status: 503, cause })
