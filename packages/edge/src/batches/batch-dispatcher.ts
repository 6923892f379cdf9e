import type { BatchObject } from '@weft/protocol'

/** Reaches each batch, wherever it is hosted. */
export interface BatchDispatcher {
  wake(id: string): Promise<void>
  /** With the latest counts; undefined when it has not begun. */
  batch(id: string): Promise<BatchObject | undefined>
  /** The batch as it is then; one that was final already stays as it is. */
  cancel(id: string): Promise<BatchObject | undefined>
}
