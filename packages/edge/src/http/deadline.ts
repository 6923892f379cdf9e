import { deadlineHeader, isWeftError, parseTraceParent, traceHeader } from '@weft/protocol'
import type { Context, Next } from 'hono'
import { deadlineExceeded, invalidDeadline } from '../errors.ts'
import type { Caller } from '../runner/caller.ts'
import type { Variables } from './variables.ts'

/** How long OpenAI's clients wait for an answer to begin, in whole seconds: what is less than one of them is cut off. */
const patienceHeader = 'x-stainless-timeout'

/** How long after the deadline work that hears of it may take to end in its own words. */
const graceMs = 250

/**
 * Answers a request with its `caller` set: they wait as long as they say, and `longestMs` at most. What has not answered by then is refused with 504
 * `deadline_exceeded`. Once the answer has ended, a streamed one with its last byte, nothing of that is left: a timer would hold what it aborts, and on some
 * hosts the process. Error 400 `invalid_deadline`.
 */
export async function answerInTime(c: Context<Variables>, longestMs: number, next: Next): Promise<void> {
  const { caller, over, begun, end } = callerOf(c.req.raw, longestMs, c.get('requestId'))
  const { tenant } = c.get('principal') ?? {}
  c.set('caller', { ...caller, ...(tenant === undefined ? {} : { tenant }) })
  try {
    // An answer that is patient ends by itself, a moment earlier.
    await inTime(next(), over, 2 * graceMs)
  } finally {
    const goesOn = c.get('goesOn')
    // What a client of OpenAI's waits for is there when a stream has begun.
    if (goesOn?.is === 'stream') begun()
    if (goesOn) void goesOn.ended.then(end)
    else end()
  }
}

/**
 * What comes of work; the deadline's error where it is over and nothing has come of it a moment later. A store that hangs hears of no signal, and is left to
 * itself. @param signal of a caller's: that they have left is no such error
 */
export async function inTime<T>(work: Promise<T>, signal: AbortSignal, waitMs = graceMs): Promise<T> {
  const left = Promise.withResolvers<never>()
  let grace: ReturnType<typeof setTimeout> | undefined
  const leave = (): void => {
    if (isWeftError(signal.reason)) grace = setTimeout(() => left.reject(signal.reason), waitMs)
  }
  if (signal.aborted) leave()
  else signal.addEventListener('abort', leave, { once: true })
  try {
    return await Promise.race([work, left.promise])
  } finally {
    signal.removeEventListener('abort', leave)
    clearTimeout(grace)
  }
}

function callerOf(request: Request, longestMs: number, requestId: string): { caller: Caller; over: AbortSignal; begun: () => void; end: () => void } {
  const own = numberIn(request, deadlineHeader, 1)
  const patience = numberIn(request, patienceHeader, 0)
  const ms = Math.min(longestMs, own ?? longestMs)
  const untilBegun = Math.min(ms, patience === undefined ? ms : (patience + 1) * 1000)
  const over = new AbortController()
  const left = new AbortController()
  // With a reason of its own: that of Node's server is a text, and what is thrown and no error passes by all that would tell of it.
  const leave = (): void => left.abort()
  if (request.signal.aborted) leave()
  else request.signal.addEventListener('abort', leave, { once: true })
  const after = (milliseconds: number) => setTimeout(() => over.abort(deadlineExceeded(milliseconds)), milliseconds)
  const timers = [after(ms), ...(untilBegun < ms ? [after(untilBegun)] : [])]
  const now = Date.now()
  const trace = parseTraceParent(request.headers.get(traceHeader))
  return {
    caller: {
      ...{ signal: AbortSignal.any([left.signal, over.signal]), until: now + untilBegun, streamUntil: now + ms, requestId },
      ...(trace && { trace }),
    },
    over: over.signal,
    begun: () => clearTimeout(timers[1]),
    end: () => {
      for (const timer of timers) clearTimeout(timer)
      request.signal.removeEventListener('abort', leave)
    },
  }
}

/** Error 400 `invalid_deadline`. */
function numberIn(request: Request, header: string, least: number): number | undefined {
  const value = request.headers.get(header)
  if (value === null) return undefined
  if (!/^\d{1,10}$/.test(value) || Number(value) < least) throw invalidDeadline(header, value, least)
  return Number(value)
}
