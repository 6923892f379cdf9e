/** An error of this package. What the edge refuses is thrown as LangChain throws it, with the edge's own `code` and `status`. */
export class WeftLangChainError extends Error {
  readonly code: string
  constructor(code: string, message: string) {
    super(message)
    this.name = 'WeftLangChainError'
    this.code = code
  }
}

export const apiKeyMissing = () =>
  new WeftLangChainError('api_key_missing', 'The edge asks for a key. Give one as apiKey, or set WEFT_API_KEY; a local start keeps its key in .weft/key.')

export const noText = () =>
  new WeftLangChainError('no_text', 'There is no text to read: expected a string, a message with a text, or a list of messages that is not empty.')

/**
 * A refusal of 422 is the same however often it is asked: by this mark LangChain's callers, which know of other statuses that it is so, ask no further.
 * @returns the error itself
 */
export const refusedForGood = (error: unknown): unknown => {
  if (error instanceof Error && (error as { status?: number }).status === 422)
    Object.defineProperty(error, Symbol.for('langchain.errors.retryable'), { value: false, configurable: true })
  return error
}
