import { isFinalBatch, isWeftError } from '@weft/protocol'
import { isRevoked } from '../auth/revoke-key.ts'
import { passes } from '../passes.ts'
import { lostContent } from '../stores/lost-content.ts'
import type { BatchResults } from './batch-host.ts'
import type { BatchNeeds } from './batch-needs.ts'
import type { BatchState } from './batch-state.ts'
import { countResults, endBatch } from './end-batch.ts'
import { namesIn, pinNames, referencesOf } from './pin-names.ts'
import { runLines } from './run-lines.ts'
import { validateInput } from './validate-input.ts'

const firstWaitMs = 500
const longestWaitMs = 10_000
/** A fault of our own is tried again this often; a store that is away, or without room, is waited for as a runner is. */
const patience = 20

export interface SteppedBatch {
  state: BatchState
  results: BatchResults
  /** Aborts when the batch is cancelled, or its window closes. */
  signal: AbortSignal
  /** Writes the state down, and the batch's row. */
  save(): Promise<void>
}

/**
 * One step of a batch: check its input, or answer some of its lines, or write its files. Says in how many milliseconds the next is due; null
 * when there is none. Every step may be repeated.
 */
export async function step(needs: BatchNeeds, stepped: SteppedBatch): Promise<number | null> {
  const { state } = stepped
  try {
    const next = await due(needs, stepped)
    state.faults = 0
    if (next !== 'held') {
      state.failures = 0
      return next
    }
  } catch (error) {
    if (!passes(error)) {
      const { faults = 0 } = state
      if (faults >= patience || (isWeftError(error) && error.status < 500)) return fail(needs, stepped, error)
      state.faults = faults + 1
    }
    console.error(`batch ${state.record.batch.id} waits:`, error)
  }
  state.failures++
  return Math.min(firstWaitMs * 2 ** (state.failures - 1), longestWaitMs)
}

async function due(needs: BatchNeeds, stepped: SteppedBatch): Promise<number | null | 'held'> {
  const { state, results, signal, save } = stepped
  const { batch } = state.record
  if (isFinalBatch(batch.status)) return null
  if ((batch.status === 'validating' || batch.status === 'in_progress') && (await isRevoked(needs.keys, state.record.principal.id))) {
    batch.status = 'cancelling'
    batch.cancellingAt = needs.now()
    await save()
  }
  if (batch.status === 'validating') {
    await validate(needs, stepped)
    return isFinalBatch(batch.status) ? null : 0
  }
  if (state.end === null && batch.status === 'in_progress' && needs.now() < batch.expiresAt) {
    if (!(await needs.catalog.isReady({ signal }).catch(() => false))) return 'held'
    const { done, held } = await runLines(needs, state, results, signal)
    countResults(state, results)
    if (!done && !signal.aborted) return held ? 'held' : 0
    if (done) state.end ??= 'completed'
  }
  // What asked for the end may have come in the meantime.
  state.end ??= (batch as { status: string }).status === 'cancelling' ? 'cancelled' : needs.now() >= batch.expiresAt ? 'expired' : null
  if (state.end === null) return 0
  if (state.end !== 'cancelled') {
    batch.status = 'finalizing'
    batch.finalizingAt ??= needs.now()
  }
  await endBatch(needs, state, results, save)
  return null
}

async function validate({ files, now, open }: BatchNeeds, { state, save }: SteppedBatch): Promise<void> {
  const { batch } = state.record
  const content = await files.stream(batch.inputFileId)
  if (!content) throw await lostContent(files, batch.inputFileId, 'input_file_id')
  const { problems, total, models } = await validateInput(content, batch.endpoint)
  const pins = problems.length > 0 ? undefined : await pinNames(open(state.record.principal, null), models)
  // Cancelled while it was read.
  if (batch.status !== 'validating') return
  batch.requestCounts.total = total
  state.record.models = namesIn(models)
  if (pins) {
    state.record.pins = pins
    batch.references = referencesOf(pins)
  }
  if (problems.length > 0) {
    batch.status = 'failed'
    batch.failedAt = now()
    batch.errors = { object: 'list', data: problems }
  } else {
    batch.status = 'in_progress'
    batch.inProgressAt = now()
  }
  await save()
}

/** What does not pass ends the batch. What is answered already becomes files first, unless that is what fails. */
async function fail({ now }: BatchNeeds, { state, save }: SteppedBatch, error: unknown): Promise<number | null> {
  const { batch } = state.record
  const { code, message, param } = isWeftError(error) ? error : { code: 'internal_error', message: String(error), param: undefined }
  batch.errors ??= { object: 'list', data: [{ code, message, param: param ?? null, line: null }] }
  if (batch.status !== 'validating' && state.end === null) {
    state.end = 'failed'
    state.failures = 0
    state.faults = 0
    return 0
  }
  batch.status = 'failed'
  batch.failedAt = now()
  await save()
  return null
}
