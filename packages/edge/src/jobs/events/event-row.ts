import type { FineTuningJobEvent } from '@weft/protocol'
import { eventIdOf } from './event-log.ts'

/** An event as a row of SQL. */
export interface EventRow {
  seq: number
  level: string
  type: string
  message: string
  /** JSON. */
  data: string | null
  /** Seconds since 1970. */
  created_at: number
}

export const eventOfRow = ({ seq, level, type, message, data, created_at }: EventRow): FineTuningJobEvent => ({
  id: eventIdOf(seq),
  object: 'fine_tuning.job.event',
  createdAt: created_at,
  level: level as FineTuningJobEvent['level'],
  type: type as FineTuningJobEvent['type'],
  message,
  data: data === null ? null : (JSON.parse(data) as Record<string, unknown>),
})
