/** Everything this package throws. `code` is stable. */
export class AutodiffError extends Error {
  readonly code: string
  /** Graphs are our own, and so is the fault. */
  readonly fault = 'ours'
  constructor(code: string, message: string) {
    super(message)
    this.name = 'AutodiffError'
    this.code = code
  }
}

export const notScalar = (name: string, shape: readonly (number | string)[]) =>
  new AutodiffError('not_scalar', `The loss '${name}' has shape [${shape}]. Gradients are of one number: reduce it first.`)

export const refused = (op: string, place: string) =>
  new AutodiffError('refused', `${op} at ${place} is for inference only and has no gradient. Build the training graph from the ops it stands for.`)

export const notFloat = (name: string, dtype: string) =>
  new AutodiffError('not_float', `'${name}' is ${dtype}; only float values have gradients. Leave it out of wrt.`)

export const wrongShape = (op: string, place: string, index: number, expected: readonly (number | string)[], got: readonly (number | string)[]) =>
  new AutodiffError('wrong_shape', `The rule of ${op} at ${place} gave [${got}] for input ${index}, which is [${expected}].`)

export const sizeTaken = (op: string, place: string, own: readonly (number | string)[], by: readonly (number | string)[]) =>
  new AutodiffError(
    'size_taken',
    `${op} at ${place} takes [${own}] to be [${by}], and may as well have stretched it: which gradient is meant, no shape says. Where a size is a symbol, what stands beside it has the same symbol there, or 1; rows of a batch are gathered by their ids.`,
  )
