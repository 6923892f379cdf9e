import type { FineTuningJobEvent } from '@weft/protocol'

export interface NewEvent {
  level: FineTuningJobEvent['level']
  type: FineTuningJobEvent['type']
  message: string
  data?: Record<string, unknown> | undefined
  /** Seconds since 1970. */
  createdAt: number
}

export interface EventPage {
  /** An event's id. */
  after?: string | undefined
  limit: number
  newestFirst?: boolean
}

/** A job's events, numbered from 1 through every resubmission. */
export interface EventLog {
  /** In this order, and kept by the time that the host's next `writeState` is through. */
  append(...events: readonly NewEvent[]): void
  /** Events behind the one with id `after`, oldest first; with `newestFirst`, those before it, newest first. */
  page(page: EventPage): Promise<{ events: FineTuningJobEvent[]; hasMore: boolean }>
  /** Calls `listener` whenever there may be something new, until the returned function is called. */
  listen(listener: () => void): () => void
  announce(): void
}

const prefix = 'ftevent-'

export const eventIdOf = (place: number): string => `${prefix}${place}`

export const isEventId = (id: string): boolean => /^ftevent-\d{1,15}$/.test(id)

/** The place in the log that an event's id stands for. */
export const placeOf = (id: string): number => Number(id.replace(prefix, ''))
