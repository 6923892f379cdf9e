import { unsupportedConfig } from '../../errors.ts'
import type { OwnFields } from './own-fields.ts'

/** Of an architecture whose layers see everything here. */
export const noWindow: OwnFields = (read, key) => {
  const window = read.number(key('attention.sliding_window')) ?? 0
  if (window > 0) throw unsupportedConfig(key('attention.sliding_window'), window, '0, no window')
  return {}
}
