import { WeftError } from '@weft/adapters'

export const invalidDays = (reason: string, param: string) => new WeftError('invalid_request', `${param}: ${reason}`, { param })
