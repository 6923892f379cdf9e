import { WeftError } from '@weft/adapters'

export const databaseAway = (cause: Error) =>
  new WeftError('database_unavailable', `The database does not answer: ${cause.message}. Try again shortly.`, { status: 503, cause })
