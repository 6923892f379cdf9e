import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const signals = ['SIGINT', 'SIGTERM'] as const

/** A folder for as long as `using` holds it. It goes with a Ctrl-C too: measurements take minutes, and are often ended so. */
export class TemporaryFolder implements Disposable {
  readonly path: string

  constructor(name: string) {
    this.path = mkdtempSync(join(tmpdir(), `weft-${name}-`))
    for (const signal of signals) process.on(signal, this.#interrupted)
  }

  [Symbol.dispose](): void {
    for (const signal of signals) process.off(signal, this.#interrupted)
    rmSync(this.path, { recursive: true, force: true, maxRetries: 3 })
  }

  /** Then the signal does what it does by itself, unless somebody else listens. */
  readonly #interrupted = (signal: NodeJS.Signals): void => {
    this[Symbol.dispose]()
    if (process.listenerCount(signal) === 0) process.kill(process.pid, signal)
  }
}
