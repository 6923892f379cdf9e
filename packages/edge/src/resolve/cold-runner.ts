import { isWeftError } from '@weft/protocol'
import type { Caller } from '../runner/caller.ts'
import type { HashFirst } from './hash-first.ts'
import type { ModelCatalog } from './model-catalog.ts'

export interface ColdRunner {
  catalog: ModelCatalog
  /** How long a request waits for a runner that is starting, in milliseconds. */
  waitMs: number
}

/** Between two questions whether it has started. */
const askEveryMs = 250

/**
 * A runner that is starting is waited for, so that one that was scaled to none is a matter of time and not of failure. A request that the runner had in
 * its hands is given to it once more at most, and only when it is away by then: one that takes every runner down must not go round for ever.
 */
export const waitForRunner =
  (hashFirst: HashFirst, { catalog, waitMs }: ColdRunner): HashFirst =>
  async (resolve, call, caller) => {
    const until = Date.now() + waitMs
    let taken = 0
    for (;;) {
      let inHands = false
      try {
        return await hashFirst(
          resolve,
          (found, placement) => {
            inHands = true
            return call(found, placement)
          },
          caller,
        )
      } catch (error) {
        if (!isWeftError(error) || error.code !== 'runner_unavailable') throw error
        if (inHands && (++taken > 1 || (await isReady(catalog, caller)))) throw error
        if (caller?.coldStart) caller.coldStart.isAwaited = true
        const isThere = await becomesReady(catalog, until, caller)
        if (!isThere) throw error
        if (caller?.coldStart) caller.coldStart.isAwaited = false
      }
    }
  }

async function becomesReady(catalog: ModelCatalog, until: number, caller: Caller | undefined): Promise<boolean> {
  while (Date.now() < Math.min(until, caller?.until ?? until)) {
    if (await isReady(catalog, caller)) return true
    await new Promise((resolve) => setTimeout(resolve, askEveryMs))
    caller?.signal.throwIfAborted()
  }
  return false
}

/** Whether it holds all that it is to hold. */
const isReady = (catalog: ModelCatalog, caller: Caller | undefined): Promise<boolean> =>
  catalog.isReady({ signal: caller?.signal }).catch((error) => {
    if (isWeftError(error)) return false
    throw error
  })
