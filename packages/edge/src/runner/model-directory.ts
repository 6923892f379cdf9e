import type { Health } from '@weft/protocol'

/** Which base models a runner holds, and how it fares. Errors 503 `runner_unavailable`, 504 `runner_timeout`. */
export interface ModelDirectory {
  health(signal?: AbortSignal): Promise<Health>
}
