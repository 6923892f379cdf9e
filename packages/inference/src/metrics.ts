import type { Usage } from '@weft/protocol'

/** What inference does that is worth counting. */
export type Counted = 'composition_hit' | 'composition_miss' | 'session_build'

/** Hears what inference does, as it does it. It never throws, and costs next to nothing. */
export interface Metrics {
  count(what: Counted): void
}

/** Nobody listens. */
export const noMetrics: Metrics = { count: () => {} }

/** Hears how far one request is. */
export interface RequestProgress {
  /** It is no longer in line. */
  begun(): void
  /** Its prompt is read, and its first token about to be chosen. */
  read(): void
  /** It has ended, in whatever way: what it came to by then. */
  ended(came: Pick<Usage, 'promptTokens' | 'completionTokens'>): void
}
