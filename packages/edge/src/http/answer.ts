import { toWire } from '@weft/adapters'
import { errorBody } from '@weft/protocol'
import type { Context } from 'hono'
import { clientLeft } from '../errors.ts'
import type { Caller } from '../runner/caller.ts'
import { inTime } from './deadline.ts'
import { knownError } from './refuse.ts'
import type { Variables } from './variables.ts'

const blankEveryMs = 1000
/** Where a runner is starting there is no work to be stopped yet, and 503 is likelier than ever: blanks come late, and still before a proxy's patience ends (60 s is usual). */
const blanksAtColdStartMs = 50_000
const lookEveryMs = 250

/**
 * A JSON answer that may take long. While nothing is sent, nothing tells a proxy's server that the client has gone, so blanks, which JSON
 * allows, go ahead of an answer that takes longer than `waits.blanksAfterMs`: the first that cannot be delivered stops the work. An answer
 * that fails after its first blank can have no status of its own any more; its body is the error's, as in a stream. While a runner that is
 * starting is waited for, they are put off. Work that does not end at the deadline is left to itself.
 * @param work gives the answer, as the endpoint's schema has it
 */
export async function patientAnswer(c: Context<Variables>, work: (caller: Caller) => Promise<unknown>, status: 200 | 201 = 200): Promise<Response> {
  const caller = c.get('caller')
  const leaving = new AbortController()
  const coldStart = { isAwaited: false }
  const worked = work({ ...caller, coldStart, signal: AbortSignal.any([caller.signal, leaving.signal]) })
  const answer = inTime(worked, caller.signal).then((value): object => toWire(c.get('answer'), value))
  const elapsed = Promise.withResolvers<undefined>()
  const began = Date.now()
  const begin = (): void => {
    if (coldStart.isAwaited && Date.now() - began < blanksAtColdStartMs) timer = setTimeout(begin, lookEveryMs)
    else elapsed.resolve(undefined)
  }
  let timer = setTimeout(begin, c.get('waits').blanksAfterMs)
  try {
    const soon = await Promise.race([answer, elapsed.promise])
    if (soon) return c.json(soon, status)
  } finally {
    clearTimeout(timer)
  }
  const failed = answer.then(
    () => undefined,
    (error: unknown) => (leaving.signal.aborted ? clientLeft() : knownError(error, c)),
  )
  c.set('goesOn', { is: 'behind blanks', ended: failed })
  const encoder = new TextEncoder()
  let blanks: ReturnType<typeof setInterval> | undefined
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      const send = (text: string) => controller.enqueue(encoder.encode(text))
      const end = (json: object) => {
        clearInterval(blanks)
        if (leaving.signal.aborted) return
        send(JSON.stringify(json))
        controller.close()
      }
      send('\n')
      blanks = setInterval(() => send('\n'), blankEveryMs)
      void failed.then(async (error) => end(error ? errorBody(error) : await answer))
    },
    cancel() {
      clearInterval(blanks)
      leaving.abort()
    },
  })
  return c.body(body, status, { 'content-type': 'application/json' })
}
