/** Everything this package throws. `code` is stable. */
export class OnnxError extends Error {
  readonly code: string
  /** Graphs are our own, and so is the fault. */
  readonly fault = 'ours'
  constructor(code: string, message: string) {
    super(message)
    this.name = 'OnnxError'
    this.code = code
  }
}

export const symbolicWeight = (name: string, shape: readonly (number | string)[]) =>
  new OnnxError('symbolic_weight', `Weight '${name}' has shape [${shape}]. A weight's sizes must be numbers.`)

export const unknownSize = (symbol: string) =>
  new OnnxError('unknown_size', `The size '${symbol}' is in no input's shape, so the model cannot work it out. Give an input a shape that holds it.`)
