import { WeftError } from '@weft/adapters'

export const adapterTooLarge = (name: string, bytes: number, limit: number) =>
  new WeftError('adapter_too_large', `The file has ${bytes} bytes; at most ${limit} are published under "${name}" here. Train with fewer parameters.`, {
    status: 413,
    param: 'body',
    details: { bytes, limit },
  })

export const gateFileMissing = (id: string) =>
  new WeftError('file_not_found', `The publish gate evaluates on "${id}", which is no file here. Upload it, and name it in weft.config.ts.`, { status: 404 })

export const gateRowsUnfit = (metric: string, kind: string, wanted: string) =>
  new WeftError('gate_rows_unfit', `The publish gate's file has "${kind}" rows; its metric "${metric}" takes ${wanted}.`, { details: { metric, kind } })

export const gateTooLong = () =>
  new WeftError(
    'gate_too_long',
    'The runner did not answer all rows of the publish gate in the time that there is for them. Lower evaluate.rows in weft.config.ts, or measure again when the runner is less busy (npx weft gate).',
    { status: 504 },
  )
