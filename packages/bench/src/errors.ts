import { WeftError } from '@weft/adapters'

export const cannotInterfere = (expression: string, reason: string) =>
  new WeftError('cannot_interfere', `What "${expression}" does to its adapters cannot be told: ${reason}.`, { param: 'expression' })
