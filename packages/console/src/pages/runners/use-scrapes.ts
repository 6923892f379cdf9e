import { readSamples, type Sample } from '@weft/protocol/metrics/samples'
import { type Scrape, type Summary, summaryOf } from '@weft/protocol/metrics/summary'
import { useEffect, useState } from 'preact/hooks'
import { useSession } from '../../session/session.ts'

const EVERY_MS = 2000
/** Two minutes. */
const KEPT = 60

export interface Live {
  /** Oldest first, with the second of each since the page was opened. */
  looks: readonly { second: number; summary: Summary }[]
  /** The last of them, as they are. */
  samples: readonly Sample[]
  error: unknown
}

/** What the runner does, asked every two seconds while the tab is seen. */
export const useScrapes = (): Live => {
  const { weft } = useSession()
  const [live, setLive] = useState<Live>({ looks: [], samples: [], error: undefined })
  useEffect(() => {
    const stop = new AbortController()
    const opened = Date.now()
    let before: Scrape | undefined
    const look = async (): Promise<void> => {
      if (document.hidden) return
      try {
        const now = { samples: readSamples(await weft.metrics({ signal: stop.signal })), at: Date.now() }
        const summary = summaryOf(now, before)
        before = now
        setLive(({ looks }) => ({
          looks: [...looks, { second: Math.round((now.at - opened) / 1000), summary }].slice(-KEPT),
          samples: now.samples,
          error: undefined,
        }))
      } catch (error) {
        if (!stop.signal.aborted) setLive((before) => ({ ...before, error }))
      }
    }
    void look()
    const timer = setInterval(() => void look(), EVERY_MS)
    return () => {
      stop.abort()
      clearInterval(timer)
    }
  }, [weft])
  return live
}
