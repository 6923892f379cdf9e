import { deadlineHeader, parseTraceParent, traceHeader } from '@weft/protocol'
import { deadlineExceeded, invalidDeadline } from '../errors.ts'
import type { Caller } from '../runner/caller.ts'

/** Headers that say how long a client waits, and what their numbers are in milliseconds: ours, and that of OpenAI's clients. */
const headers: Readonly<Record<string, number>> = { [deadlineHeader]: 1, 'x-stainless-timeout': 1000 }

/** Who sent a request, and until when they wait: as long as they say, and `longestMs` at most. Error 400 `invalid_deadline`. */
export function callerOf(request: Request, longestMs: number, requestId: string): Caller {
  const said = Object.entries(headers).flatMap(([header, unit]) => {
    const value = request.headers.get(header)
    if (value === null) return []
    if (!/^\d{1,10}$/.test(value) || Number(value) === 0) throw invalidDeadline(header, value)
    return [Number(value) * unit]
  })
  const ms = Math.min(longestMs, ...said)
  const over = new AbortController()
  setTimeout(() => over.abort(deadlineExceeded(ms)), ms)
  const trace = parseTraceParent(request.headers.get(traceHeader))
  return { signal: AbortSignal.any([request.signal, over.signal]), until: Date.now() + ms, requestId, ...(trace && { trace }) }
}
