import { type BatchObject, isFinalBatch } from '@weft/protocol'
import type { BatchHost } from './batch-host.ts'
import type { BatchNeeds, BatchSupervisors } from './batch-needs.ts'
import { type BatchState, newBatchState } from './batch-state.ts'
import { step } from './step.ts'

/** An alarm this much overdue was lost. */
const overdueMs = 30_000
/** Timers take no longer waits; a step takes less. */
const longestTimerMs = 3_600_000

/**
 * One batch: checks its input, has its requests answered, and writes the files. All it knows is with its host, so it goes on where it was
 * after an eviction, a restart of the edge, or the death of the runner.
 */
export class Batch {
  readonly #host: BatchHost
  readonly #supervisors: BatchSupervisors
  #state: BatchState | undefined
  #stepping: Promise<number | null> | undefined
  #leaving = new AbortController()

  constructor(host: BatchHost, supervisors: BatchSupervisors) {
    this.#host = host
    this.#supervisors = supervisors
    this.#state = host.readState()
  }

  /** Begins, or makes sure that it is going on. Harmless at any time. */
  async wake(id: string): Promise<void> {
    if (!this.#state) {
      const record = await this.#supervisors.batches.get(id)
      if (!record || isFinalBatch(record.batch.status)) return
      this.#state ??= newBatchState(record)
      await this.#host.writeState(this.#state)
    }
    if (isFinalBatch(this.#state.record.batch.status)) {
      // The row may have missed the end, if the edge stopped between the two.
      await this.#needsOf(this.#state).batches.save(this.#state.record)
      await this.#host.results.clear()
      return
    }
    const due = await this.#host.alarm()
    if (!this.#stepping && (due === null || due < Date.now() - overdueMs)) await this.#host.setAlarm(Date.now())
  }

  /** What is due; called by the host's alarm. */
  async step(): Promise<void> {
    const state = this.#state
    if (!state || this.#stepping) return
    const needs = this.#needsOf(state)
    const { expiresAt } = state.record.batch
    const closing = AbortSignal.timeout(Math.min(longestTimerMs, Math.max(0, (expiresAt - needs.now()) * 1000)))
    const signal = AbortSignal.any([this.#leaving.signal, closing])
    this.#stepping = step(needs, { state, results: this.#host.results, signal, save: () => this.#save(state) })
    try {
      const next = await this.#stepping
      await this.#host.writeState(state)
      if (next !== null) await this.#host.setAlarm(Date.now() + next)
    } finally {
      this.#stepping = undefined
    }
  }

  /** With the counts of now; undefined before it began. */
  get batch(): BatchObject | undefined {
    if (!this.#state) return undefined
    const { batch } = this.#state.record
    if (isFinalBatch(batch.status)) return batch
    const { results } = this.#host
    return { ...batch, requestCounts: { ...batch.requestCounts, completed: results.count('output'), failed: results.count('error') } }
  }

  /** Asks it to stop: what is answered already becomes files. One that ended first stays as it is. */
  async cancel(id: string): Promise<BatchObject | undefined> {
    await this.wake(id)
    const state = this.#state
    if (!state) return undefined
    const { batch } = state.record
    if (isFinalBatch(batch.status) || batch.status === 'finalizing' || batch.status === 'cancelling') return this.batch
    batch.status = 'cancelling'
    batch.cancellingAt = this.#needsOf(state).now()
    await this.#save(state)
    this.#leaving.abort()
    if (!this.#stepping) await this.#host.setAlarm(Date.now())
    return this.batch
  }

  #needsOf({ record }: BatchState): BatchNeeds {
    return this.#supervisors.needsOf(record.principal.tenant)
  }

  async #save(state: BatchState): Promise<void> {
    await this.#host.writeState(state)
    await this.#needsOf(state).batches.save(state.record)
  }
}
