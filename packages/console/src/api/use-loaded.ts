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
    let old = false
    setState((before) => ({ ...before, loading: true }))
    ask().then(
      (value) => !old && setState({ value, error: undefined, loading: false }),
      (error: unknown) => !old && setState((before) => ({ ...before, error, loading: false })),
    )
    return () => {
      old = true
    }
  }, [...inputs, turn])
  return { ...state, reload: useCallback(() => setTurn((n) => n + 1), []) }
}
