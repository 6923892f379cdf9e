import type { Executor, LocalProcesses } from '@weft/edge/host'
import { localProcess } from './local-process.ts'

/** The processes that this host starts as executors, one opening of each: it hears of the end of those that it has started. */
export function localProcesses(environment: NodeJS.ProcessEnv, url: () => string): LocalProcesses {
  const opened = new Map<string, Executor>()
  return {
    open(name, config) {
      let executor = opened.get(name)
      if (!executor) opened.set(name, (executor = localProcess(name, config, environment)))
      return executor
    },
    url,
  }
}
