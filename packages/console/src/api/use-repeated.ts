import { useEffect, useRef } from 'preact/hooks'
import type { Loaded } from './use-loaded.ts'

/** Asks again every so many milliseconds while the tab is seen. What is not answered yet is waited for: a new question would leave its answer out. */
export function useRepeated({ loading, reload }: Pick<Loaded<unknown>, 'loading' | 'reload'>, everyMs: number): void {
  const waits = useRef(loading)
  waits.current = loading
  useEffect(() => {
    const timer = setInterval(() => document.hidden || waits.current || reload(), everyMs)
    return () => clearInterval(timer)
  }, [reload, everyMs])
}
