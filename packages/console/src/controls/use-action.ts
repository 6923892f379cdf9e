import { useRef, useState } from 'preact/hooks'

/** What a person sets off on a page, by a button or a form: whether it is under way, and why the last try failed. */
export interface Action {
  busy: boolean
  error: unknown
  /** Does it, and says whether it succeeded; what it throws becomes `error`, until the next try. While one is under way another is not begun. */
  run(work: () => unknown): Promise<boolean>
}

export const useAction = (): Action => {
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>()
  // Known at once, where the state is known at the next drawing.
  const underWay = useRef(false)
  return {
    busy,
    error,
    async run(work) {
      if (underWay.current) return false
      underWay.current = true
      setBusy(true)
      setError(undefined)
      try {
        await work()
        return true
      } catch (failure) {
        setError(failure)
        return false
      } finally {
        underWay.current = false
        setBusy(false)
      }
    },
  }
}
