import { type AnsweredBy, answeredBy } from './answered-by.ts'

/**
 * What comes, as it comes. Leaving the loop, `cancel()` or the call's signal closes the connection, which stops the work behind it; only the signal makes the
 * loop throw.
 */
export interface EventStream<T> extends AsyncGenerator<T, void, undefined> {
  cancel(): void
  /** What answers, as soon as the answer begins. */
  readonly answeredBy: Promise<AnsweredBy>
}

/**
 * A stream that is asked for when somebody begins to read it, or asks who answers.
 * @param send asks; @param read reads the answer's events, and stops when the signal fires
 */
export function eventStream<T>(
  send: (signal: AbortSignal) => Promise<Response>,
  read: (response: Response, signal: AbortSignal) => AsyncGenerator<T>,
  signal?: AbortSignal,
): EventStream<T> {
  const left = new AbortController()
  const both = signal ? AbortSignal.any([signal, left.signal]) : left.signal
  let asked: Promise<Response> | undefined
  const ask = (): Promise<Response> => (asked ??= send(both))
  const source = (async function* (): AsyncGenerator<T, void, undefined> {
    try {
      if (left.signal.aborted) return
      yield* read(await ask(), both)
    } catch (error) {
      if (!left.signal.aborted || signal?.aborted) throw error
    }
  })()
  const answered = { get: () => ask().then(({ headers }) => answeredBy(headers)) }
  return Object.defineProperties(source, { cancel: { value: () => left.abort() }, answeredBy: answered }) as EventStream<T>
}
