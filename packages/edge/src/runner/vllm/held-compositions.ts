import type { Composed, FloatTensor } from '@weft/adapters'
import { LRUCache } from 'lru-cache'
import { torchFile } from './soft-prompts/torch-file.ts'

/** Bytes of compositions that one isolate keeps, of its 128 MB. */
const budget = 24 * 2 ** 20

/** What stands before a prompt, as vLLM takes it. `data`: a torch file in base64. */
export type HeldSegment = { kind: 'text'; text: string } | { kind: 'rows'; rows: number; data: string }

/** A composition as an isolate keeps it for its requests. */
export interface HeldComposition {
  segments: readonly HeldSegment[]
  /** Columns of the prefix that vLLM has a file of; 0 when there is none. */
  prefix: number
  /** Whether vLLM holds an adapter under the composition's key. */
  adapted: boolean
}

/** The compositions used last, by key. */
export class HeldCompositions {
  readonly #held = new LRUCache<string, HeldComposition>({ maxSize: budget })

  get(key: string): HeldComposition | undefined {
    return this.#held.get(key)
  }

  drop(key: string): void {
    this.#held.delete(key)
  }

  set(key: string, composition: HeldComposition): void {
    const size = composition.segments.reduce((sum, segment) => sum + (segment.kind === 'rows' ? segment.data.length : segment.text.length), 1000)
    // One that is larger than all that is kept stays alone, until another takes its place: its request could never be answered otherwise.
    this.#held.set(key, composition, { size: Math.min(size, budget) })
  }
}

/** What takes positions, ready to be sent. */
export const heldSegments = ({ segments }: Composed): HeldSegment[] =>
  segments.map((segment) =>
    segment.kind === 'text' ? { kind: 'text', text: segment.text } : { kind: 'rows', rows: segment.rows.shape[0], data: rowsData(segment.rows) },
  )

/** Rows as vLLM takes them: a torch file in base64. */
export const rowsData = (rows: FloatTensor): string => base64(torchFile(rows))

const CHUNK = 0x8000

function base64(bytes: Uint8Array): string {
  let binary = ''
  for (let at = 0; at < bytes.length; at += CHUNK) binary += String.fromCharCode(...bytes.subarray(at, at + CHUNK))
  return btoa(binary)
}
