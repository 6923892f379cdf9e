import type { Calibration } from '@weft/protocol'

/** How compositions' labels lean, beside the compositions themselves: by key, and by the choices where there is no head. */
export interface Calibrations {
  get(key: string, choices?: readonly string[]): Promise<Calibration | undefined>
  list(): Promise<Calibration[]>
  put(calibration: Calibration): Promise<void>
  /** Whether there was one to delete. */
  delete(key: string, choices?: readonly string[]): Promise<boolean>
}
