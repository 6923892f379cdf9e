import { deadlineHeader, parseTraceParent, traceHeader } from '@weft/protocol'
import type { Context, Next } from 'hono'
import { deadlineExceeded, invalidDeadline } from '../errors.ts'
import type { Caller } from '../runner/caller.ts'
import type { Variables } from './variables.ts'

/** Headers that say how long a client waits, and what their numbers are in milliseconds: ours, and that of OpenAI's clients. */
const headers: Readonly<Record<string, number>> = { [deadlineHeader]: 1, 'x-stainless-timeout': 1000 }

/**
 * Answers a request with its `caller` set: they wait as long as they say, and `longestMs` at most. Once the answer has ended, a streamed one with its
 * last byte, nothing of that is left: a timer would hold what it aborts, and on some hosts the process. Error 400 `invalid_deadline`.
 */
export async function answerInTime(c: Context<Variables>, longestMs: number, next: Next): Promise<void> {
  const { caller, end } = callerOf(c.req.raw, longestMs, c.get('requestId'))
  const { tenant } = c.get('principal') ?? {}
  c.set('caller', { ...caller, ...(tenant === undefined ? {} : { tenant }) })
  try {
    await next()
  } finally {
    const goesOn = c.get('goesOn')
    if (goesOn) void goesOn.ended.then(end)
    else end()
  }
}

function callerOf(request: Request, longestMs: number, requestId: string): { caller: Caller; end: () => void } {
  const said = Object.entries(headers).flatMap(([header, unit]) => {
    const value = request.headers.get(header)
    if (value === null) return []
    if (!/^\d{1,10}$/.test(value) || Number(value) === 0) throw invalidDeadline(header, value)
    return [Number(value) * unit]
  })
  const ms = Math.min(longestMs, ...said)
  const over = new AbortController()
  const timer = setTimeout(() => over.abort(deadlineExceeded(ms)), ms)
  const trace = parseTraceParent(request.headers.get(traceHeader))
  return {
    caller: { signal: AbortSignal.any([request.signal, over.signal]), until: Date.now() + ms, requestId, ...(trace && { trace }) },
    end: () => clearTimeout(timer),
  }
}
