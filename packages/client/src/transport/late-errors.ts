/** What an error says of its status by its `type`, where the answer's own was told before there was an error. */
const statuses: Readonly<Record<string, number>> = { invalid_request_error: 400, rate_limit_error: 429 }

export const lateStatus = (type: unknown): number => (typeof type === 'string' && Object.hasOwn(statuses, type) ? statuses[type]! : 502)

/**
 * A `fetch` for other clients than this one. An answer that failed after its first byte has the status 200 and the error as its whole body, which they take for
 * an answer without anything in it: here it has a status of its error's kind. What is no JSON, such as a stream, comes as it comes.
 */
export const withLateErrors =
  (ask: (input: string | URL | Request, init?: RequestInit) => Promise<Response> = (...asked) => globalThis.fetch(...asked)): typeof ask =>
  async (input, init) => {
    const response = await ask(input, init)
    if (!response.ok || !response.headers.get('content-type')?.startsWith('application/json')) return response
    const text = await response.text()
    const headers = new Headers(response.headers)
    // Of the bytes on the wire, which were decoded here.
    for (const name of ['content-encoding', 'content-length']) headers.delete(name)
    return new Response(text, { status: statusOf(text) ?? response.status, headers })
  }

const statusOf = (text: string): number | undefined => {
  // A whole answer may be long, and is read once more by who asked.
  if (!text.trimStart().startsWith('{"error"')) return undefined
  try {
    const { error, ...rest } = JSON.parse(text) as { error: { type?: string } | null }
    return error === null || Object.keys(rest).length > 0 ? undefined : lateStatus(error.type)
  } catch {
    return undefined
  }
}
