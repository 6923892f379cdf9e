import { closeSync, fstatSync, openSync, renameSync, writeSync } from 'node:fs'

const LIMIT = 8 * 2 ** 20

/**
 * A log file of bounded size: past `limit` bytes it is renamed to `NAME.1`, over the one before. A line that cannot be written (the
 * disk is full) is left out and counted, and the count is written once there is room again: a log never ends what it is the log of.
 */
export class RotatingLog {
  readonly path: string
  readonly #limit: number
  #file: number | undefined
  #bytes = 0
  #missed = 0

  constructor(path: string, limit = LIMIT) {
    this.path = path
    this.#limit = limit
  }

  /** Appends one line. Never throws. */
  write(line: string): void {
    try {
      this.#open()
      if (this.#missed > 0) {
        this.#append(`(${this.#missed} lines were left out here: they could not be written)\n`)
        this.#missed = 0
      }
      this.#append(`${line}\n`)
      if (this.#bytes > this.#limit) this.#rotate()
    } catch {
      this.#missed++
      this.close()
    }
  }

  close(): void {
    if (this.#file === undefined) return
    try {
      closeSync(this.#file)
    } catch {
      // What a full disk did not take is lost either way.
    }
    this.#file = undefined
  }

  #open(): void {
    if (this.#file !== undefined) return
    this.#file = openSync(this.path, 'a', 0o600)
    this.#bytes = fstatSync(this.#file).size
  }

  #append(text: string): void {
    const bytes = Buffer.from(text)
    for (let at = 0; at < bytes.length; ) at += writeSync(this.#file!, bytes, at)
    this.#bytes += bytes.length
  }

  #rotate(): void {
    this.close()
    renameSync(this.path, `${this.path}.1`)
  }
}
