import { hexOf } from '@weft/adapters'
import { isFinal } from '@weft/protocol'
import { hashOf, sameHash } from '../../auth/api-key.ts'
import type { JobRecord } from '../../stores/jobs.ts'
import type { JobState } from '../job-state.ts'

/** What a trainer is trusted with. */
export interface SeenTrainer {
  record: JobRecord
  /** Whether it has to end: the job is over, or its time is. */
  stop: boolean
}

/** Undefined unless the token is that of the present attempt: an earlier trainer, which was given up, has nothing to say any more. */
export async function seeTrainer({ record, execution }: JobState, token: string): Promise<SeenTrainer | undefined> {
  if (!execution || !sameHash(await hashOf(token), execution.tokenHash)) return undefined
  const isOver = isFinal(record.job.status) || Date.now() / 1000 >= execution.until || execution.result !== undefined
  return { record, stop: isOver }
}

/** A token that nobody guesses. */
export const newTrainerToken = (): string => `weft-trainer-${hexOf(crypto.getRandomValues(new Uint8Array(32)))}`
