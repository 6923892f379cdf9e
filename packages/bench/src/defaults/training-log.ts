import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** One training, and what it scored on the rows that settings are chosen on. */
export interface TrainingRecord {
  /** Digest of everything that it followed from. */
  key: string
  task: string
  method: string
  learningRate: number
  setting: string
  value: unknown
  steps: number
  seed: number
  /** `accuracy` of a classifier, and `loss`; null where training broke down (a loss or a tensor without bounds). */
  validation: Record<string, number> | null
  /** The same on held-out rows; there where they have been read. */
  heldOut?: Record<string, number>
  seconds: number
}

/**
 * Trainings that have been done: JSON Lines in `trainings.jsonl` of a folder, each with its adapter beside it, so that a run that broke off goes on where
 * it was. Without a folder they are remembered for as long as the process lives. A later line of the same key counts.
 */
export class TrainingLog {
  readonly #folder: string | undefined
  readonly #records = new Map<string, TrainingRecord>()
  readonly #adapters = new Map<string, Uint8Array>()

  constructor(folder: string | undefined) {
    this.#folder = folder
    if (folder === undefined) return
    mkdirSync(folder, { recursive: true })
    const written = existsSync(this.#file) ? readFileSync(this.#file, 'utf8') : ''
    // After a line that a killed run left half written, the next one begins on a line of its own.
    if (written !== '' && !written.endsWith('\n')) appendFileSync(this.#file, '\n')
    for (const line of written.split('\n')) {
      const record = readRecord(line)
      if (record && (record.validation === null || existsSync(this.#adapterFile(record.key)))) this.#records.set(record.key, record)
    }
  }

  find(key: string): TrainingRecord | undefined {
    return this.#records.get(key)
  }

  adapter(key: string): Uint8Array {
    return this.#adapters.get(key) ?? readFileSync(this.#adapterFile(key))
  }

  /** Keeps a training; of one that is there already, what is known of it now. */
  add(record: TrainingRecord, adapter?: Uint8Array): TrainingRecord {
    this.#records.set(record.key, record)
    if (this.#folder === undefined) {
      if (adapter) this.#adapters.set(record.key, adapter)
      return record
    }
    // The adapter first: a line says that there is one.
    if (adapter) writeFileSync(this.#adapterFile(record.key), adapter)
    appendFileSync(this.#file, `${JSON.stringify(record)}\n`)
    return record
  }

  get #file(): string {
    return join(this.#folder!, 'trainings.jsonl')
  }

  #adapterFile(key: string): string {
    return join(this.#folder!, `${key}.safetensors`)
  }
}

/** A line that a killed run left half written is no record. */
const readRecord = (line: string): TrainingRecord | undefined => {
  try {
    return JSON.parse(line) as TrainingRecord
  } catch {
    return undefined
  }
}
