import { Batch } from '../src/batches/batch.ts'
import type { BatchDispatcher } from '../src/batches/batch-dispatcher.ts'
import type { BatchHost, BatchResults } from '../src/batches/batch-host.ts'
import type { BatchSupervisors } from '../src/batches/batch-needs.ts'
import type { BatchState } from '../src/batches/batch-state.ts'

export function memoryResults(): BatchResults {
  const held = new Map<number, { outcome: string; bytes: Uint8Array }>()
  const of = (outcome: string) => [...held].filter(([, each]) => each.outcome === outcome).sort(([a], [b]) => a - b)
  return {
    has: (line) => held.has(line),
    async put(line, outcome, text) {
      if (!held.has(line)) held.set(line, { outcome, bytes: new TextEncoder().encode(text) })
    },
    count: (outcome) => of(outcome).length,
    bytes: (outcome) => of(outcome).reduce((sum, [, { bytes }]) => sum + bytes.length, 0),
    async *read(outcome) {
      for (const [, { bytes }] of of(outcome)) yield bytes
    },
    clear: async () => held.clear(),
  }
}

/** A host that can be taken away: what a dead process would still do comes to nothing. */
function mortal(host: BatchHost): { host: BatchHost; kill: () => void } {
  let dead = false
  const results = new Proxy(host.results, {
    get(of, name: keyof BatchResults) {
      if (dead) throw new Error('this process was killed')
      return of[name]
    },
  })
  return {
    kill: () => (dead = true),
    host: {
      results,
      readState: () => host.readState(),
      writeState: async (state) => void (dead || (await host.writeState(state))),
      alarm: () => host.alarm(),
      setAlarm: async (at) => void (dead || (await host.setAlarm(at))),
    },
  }
}

/** Batches in one process: state and results in memory, timers for alarms, each at most 2 ms away whatever was asked for. */
export class MemoryBatchHosts {
  readonly #hosts = new Map<string, BatchHost>()
  readonly #running = new Map<string, { batch: Batch; kill: () => void }>()
  readonly #supervisors: () => BatchSupervisors

  constructor(supervisors: () => BatchSupervisors) {
    this.#supervisors = supervisors
  }

  readonly dispatcher: BatchDispatcher = {
    wake: (id) => this.#batch(id).wake(id),
    batch: async (id) => this.#batch(id).batch,
    cancel: (id) => this.#batch(id).cancel(id),
  }

  /** As when the process ends in the middle of a step: what a batch knows of itself is gone, and what its host keeps stays. */
  kill(id: string): void {
    this.#running.get(id)?.kill()
    this.#running.delete(id)
  }

  #batch(id: string): Batch {
    const known = this.#running.get(id)
    if (known) return known.batch
    const { host, kill } = mortal(this.#host(id))
    const batch = new Batch(host, this.#supervisors())
    this.#running.set(id, { batch, kill })
    return batch
  }

  #host(id: string): BatchHost {
    const known = this.#hosts.get(id)
    if (known) return known
    let state: BatchState | undefined
    let due: number | null = null
    const ring = () => {
      due = null
      this.#batch(id)
        .step()
        .catch((error) => console.error(error))
    }
    const host: BatchHost = {
      results: memoryResults(),
      readState: () => structuredClone(state),
      writeState: async (next) => void (state = structuredClone(next)),
      alarm: async () => due,
      setAlarm: async (at) => {
        if (due === null) setTimeout(ring, Math.min(2, Math.max(0, at - Date.now())))
        due = at
      },
    }
    this.#hosts.set(id, host)
    return host
  }
}
