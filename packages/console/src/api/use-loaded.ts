import { useCallback, useEffect, useState } from 'preact/hooks'

/** What an endpoint said, or why it did not; `reload` asks again and keeps what is shown meanwhile. */
export interface Loaded<T> {
  value: T | undefined
  error: unknown
  loading: boolean
  reload(): void
}

/**
 * Asks when the component is shown and whenever `inputs` change. An answer that comes after its component is gone, or after a newer
 * question, is left out.
 */
export function useLoaded<T>(ask: () => Promise<T>, inputs: readonly unknown[]): Loaded<T> {
  const [turn, setTurn] = useState(0)
  const [state, setState] = useState<Omit<Loaded<T>, 'reload'>>({ value: undefined, error: undefined, loading: true })
  useEffect(() => {
    const left = new AbortController()
    setState((before) => ({ ...before, loading: true }))
    ask().then(
      (value) => left.signal.aborted || setState({ value, error: undefined, loading: false }),
      (error: unknown) => left.signal.aborted || setState((before) => ({ ...before, error, loading: false })),
    )
    return () => left.abort()
  }, [...inputs, turn])
  return { ...state, reload: useCallback(() => setTurn((n) => n + 1), []) }
}
