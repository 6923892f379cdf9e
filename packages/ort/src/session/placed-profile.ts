import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { SessionOptions } from './session-options.ts'

export interface PlacedProfile {
  /** With a path for the profile, if there is to be one. */
  options: SessionOptions
  /** Removes what was written; a path of the caller's own is the caller's. */
  remove(): void
}

/** A folder of its own for a profile that is given no path: ONNX Runtime writes one for every try to make a session, and at its end, whether or not anybody reads it. */
export function placeProfile(options: SessionOptions): PlacedProfile {
  if (options.profile !== true) return { options, remove: () => {} }
  const folder = mkdtempSync(join(tmpdir(), 'weft-profile-'))
  return { options: { ...options, profile: join(folder, 'session') }, remove: () => rmSync(folder, { recursive: true, force: true }) }
}
