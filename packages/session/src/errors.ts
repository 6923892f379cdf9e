import { WeftError } from '@weft/adapters'

export const adapterMissing = (name: string, known: string[]) =>
  new WeftError('adapter_missing', `There is no adapter "${name}" here. There are: ${known.join(', ') || 'none'}. Train it or add its file first.`, {
    param: 'model',
    status: 404,
    details: { adapters: known },
  })
