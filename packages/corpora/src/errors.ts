/** An error of this package. `code` is stable; the message says what to do. */
export class CorpusError extends Error {
  readonly code: string
  /** An installation that lacks its data. */
  readonly fault = 'ours'
  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'CorpusError'
    this.code = code
  }
}

export const packageMissing = (name: string, cause?: unknown): CorpusError =>
  new CorpusError('package_missing', `corpora: the data of ${name} is not installed; expected its folder "data" under node_modules; run "npm ci"`, { cause })
