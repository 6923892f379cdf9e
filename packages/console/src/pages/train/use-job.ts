import { isWeftError } from '@weft/adapters'
import { type FineTuningJob, type FineTuningJobEvent, isFinal } from '@weft/protocol'
import { useEffect, useRef, useState } from 'preact/hooks'
import { useAction } from '../../controls/use-action.ts'
import { useSession } from '../../session/session.ts'

/** Milliseconds between two looks at a job and two drawings of its events. */
const EVERY_MS = 1000

export interface WatchedJob {
  job: FineTuningJob | undefined
  /** Oldest first. */
  events: readonly FineTuningJobEvent[]
  error: unknown
  /** Whether something is being done to it. */
  acting: boolean
  /** Does something to it, and shows what it is then. */
  act(action: (id: string) => Promise<FineTuningJob>): Promise<void>
}

/** A job with its events, live until its end. */
export const useJob = (id: string): WatchedJob => {
  const { weft } = useSession()
  const [job, setJob] = useState<FineTuningJob>()
  const [events, setEvents] = useState<readonly FineTuningJobEvent[]>([])
  const [error, setError] = useState<unknown>()
  /** Why the last look saw nothing; the next may. */
  const [lost, setLost] = useState<unknown>()
  const acting = useAction()
  const heard = useRef<FineTuningJobEvent[]>([])
  useEffect(() => {
    const stop = new AbortController()
    heard.current = []
    const say = (failure: unknown): void => {
      if (!stop.signal.aborted) setError(failure)
    }
    const lose = (failure: unknown): void => {
      if (stop.signal.aborted) return
      setLost(failure)
      // What is not there will not come to be.
      if (isWeftError(failure) && failure.status === 404) clearInterval(timer)
    }
    const look = (): void => {
      setEvents((shown) => (shown.length === heard.current.length ? shown : [...heard.current]))
      weft.jobs.get(id).then((now) => {
        if (stop.signal.aborted) return
        setLost(undefined)
        // Asked before the job was stopped, and answered after.
        setJob((shown) => (shown && isFinal(shown.status) && !isFinal(now.status) ? shown : now))
        if (isFinal(now.status)) clearInterval(timer)
      }, lose)
    }
    const timer = setInterval(look, EVERY_MS)
    look()
    weft.jobs.wait(id, { signal: stop.signal, onEvent: (event) => heard.current.push(event) }).then((ended) => {
      if (stop.signal.aborted) return
      setEvents([...heard.current])
      setJob(ended)
    }, say)
    return () => {
      stop.abort()
      clearInterval(timer)
    }
  }, [id, weft])
  return {
    job,
    events,
    // What could not be done to it while it ran is nothing to do any more once it has ended.
    error: (job && isFinal(job.status) ? undefined : acting.error) ?? lost ?? error,
    acting: acting.busy,
    async act(action) {
      await acting.run(async () => setJob(await action(id)))
    },
  }
}
