import { isWeftError } from '@weft/protocol'

const statuses = new Set([502, 503, 504, 507])

/** Whether an error is of what passes, however long that takes: a runner that is away, a store that is away or without room. It is waited for, and ends nothing. */
export const passes = (error: unknown): boolean => isWeftError(error) && statuses.has(error.status)
