import { setTimeout as sleep } from 'node:timers/promises'

/** Whether any process of the group is left. Zombies count until they are reaped. */
export const groupAlive = (leader: number): boolean => {
  try {
    process.kill(-leader, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

export const signalGroup = (leader: number, signal: NodeJS.Signals): void => {
  try {
    process.kill(-leader, signal)
  } catch {
    // it has gone by itself
  }
}

/**
 * Ends a process and all it started: asks, and after `graceMs` does not ask any more. Children are started as leaders of
 * groups of their own for this: a killed wrangler would leave its workerd and esbuild behind.
 */
export const endGroup = async (leader: number, graceMs: number): Promise<void> => {
  for (const [signal, patience] of [
    ['SIGTERM', graceMs],
    ['SIGKILL', 2000],
  ] as const) {
    signalGroup(leader, signal)
    const until = performance.now() + patience
    while (performance.now() < until) {
      if (!groupAlive(leader)) return
      await sleep(20)
    }
  }
}
