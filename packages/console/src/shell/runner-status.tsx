import { type EdgeHealth, runnerOf } from '@weft/client'
import { useEffect, useState } from 'preact/hooks'
import { useSession } from '../session/session.ts'

const EVERY_MS = 10_000

/** Whether the runner answers, asked again every ten seconds while the tab is seen. */
export const RunnerStatus = () => {
  const { weft } = useSession()
  const [health, setHealth] = useState<EdgeHealth | 'away'>()
  useEffect(() => {
    const ask = (): void => {
      if (!document.hidden)
        weft.health().then(setHealth, () => {
          setHealth('away')
        })
    }
    ask()
    const timer = setInterval(ask, EVERY_MS)
    return () => clearInterval(timer)
  }, [weft])
  const { state, text } = said(health)
  return (
    <span class={`status status-${state}`} role="status">
      {text}
    </span>
  )
}

const said = (health: EdgeHealth | 'away' | undefined): { state: 'ok' | 'wait' | 'bad'; text: string } => {
  if (health === undefined) return { state: 'wait', text: 'Asking the runner' }
  if (health === 'away') return { state: 'bad', text: 'The edge does not answer' }
  if (!health.runner.reachable) return { state: 'bad', text: 'No runner answers' }
  if (health.runner.status !== 'ok') return { state: 'wait', text: `The runner is ${health.runner.status}` }
  const runner = runnerOf(health)
  return { state: 'ok', text: runner ? `Runner on ${runner.device.name}` : 'The runner answers' }
}
