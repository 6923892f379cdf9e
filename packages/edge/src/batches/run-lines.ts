import { lostContent } from '../stores/lost-content.ts'
import type { BatchResults } from './batch-host.ts'
import { readBatchLine } from './batch-line.ts'
import type { BatchNeeds } from './batch-needs.ts'
import type { BatchState } from './batch-state.ts'
import { type InputLine, inputLines } from './input-lines.ts'
import { givenUpLine, resultOf } from './result-line.ts'

/** Bounds of one step: an alarm has 15 minutes, of which one request may take ten, and a thousand questions to D1, of which a line takes a dozen where names are others', or nobody's. */
const stepMs = 60_000
const linesPerStep = 50
/** A request that so many runners did not get through is what takes them down, or hangs. */
const mostAttempts = 5

/** What passes: a runner that is away, a limit that is reached, a store without room. */
const passes = new Set([429, 502, 503, 507])
/** Of what passes, a limit and a store without room, or one that is away: no runner has failed at the line, which is asked again as often as that takes. */
const ofNoRunner = { statuses: new Set([429, 507]), codes: new Set<unknown>(['database_unavailable', 'database_busy', 'storage_unavailable', 's3_failed']) }

export interface Steps {
  /** Whether every line has its result. */
  done: boolean
  /** Whether something was in the way that passes. */
  held: boolean
}

/** The id of a line's request, in the results and in the logs. */
export const requestIdOf = (batch: string, line: number): string => `${batch.replace('batch-', 'batch_req-')}-${line}`

/**
 * Answers lines without a result, side by side, for a while. A line's result is kept before the next is begun in its place, so what a stop
 * interrupts is asked again and nothing else is. Lines that a runner died over are asked alone, so that they take no others with them.
 */
export async function runLines(
  { files, answerRequest, batchConcurrency }: BatchNeeds,
  state: BatchState,
  results: BatchResults,
  signal: AbortSignal,
): Promise<Steps> {
  const { batch, principal, pins } = state.record
  const until = Date.now() + stepMs
  // Answered just before a stop, which left no time to write that down: they are not asked again, and no other has to wait for them.
  for (const line of Object.keys(state.attempts).map(Number)) if (results.has(line)) delete state.attempts[line]
  const alone = Object.keys(state.attempts).length > 0
  const most = alone ? 1 : batchConcurrency
  const running = new Set<Promise<void>>()
  let started = 0
  let held = false
  let failure: unknown
  let allBefore = true
  let done = true

  const content = await files.stream(batch.inputFileId, state.from.byte)
  if (!content) throw await lostContent(files, batch.inputFileId, 'input_file_id')
  for await (const input of inputLines(content, state.from)) {
    if (results.has(input.line)) {
      if (allBefore) state.from = input.next
      continue
    }
    allBefore = false
    done = false
    if (alone && !(input.line in state.attempts)) continue
    while (running.size >= most) await Promise.race(running)
    if (failure !== undefined || held || signal.aborted || started >= linesPerStep || Date.now() > until) break
    started++
    const run: Promise<void> = runLine(input)
      .catch((error: unknown) => void (failure ??= error))
      .finally(() => running.delete(run))
    running.add(run)
  }
  await Promise.all(running)
  if (failure !== undefined) throw failure
  return { done, held }

  async function runLine({ line, text }: InputLine): Promise<void> {
    const requestId = requestIdOf(batch.id, line)
    const { customId, url, body } = readBatchLine(text)
    const answer = await answerRequest({ url, body, principal, pins, requestId, signal }).catch((error: unknown) => {
      if (!signal.aborted) throw error
    })
    if (signal.aborted || !answer) return
    const unheard = answer.status === 504 && codeOf(answer.body) === 'runner_timeout'
    if (!passes.has(answer.status) && !unheard) {
      const { outcome, text: result } = resultOf({ requestId, customId, ...answer })
      await results.put(line, outcome, result)
      delete state.attempts[line]
      return
    }
    held = true
    if (ofNoRunner.statuses.has(answer.status) || ofNoRunner.codes.has(codeOf(answer.body))) return
    const attempts = (state.attempts[line] ?? 0) + 1
    if (attempts < mostAttempts) state.attempts[line] = attempts
    else {
      await results.put(line, 'error', givenUpLine(requestId, customId, attempts))
      delete state.attempts[line]
    }
  }
}

const codeOf = (body: unknown): unknown => (body as { error?: { code?: unknown } } | null)?.error?.code
