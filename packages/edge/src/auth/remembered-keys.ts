import { isRecent } from '../recent.ts'
import type { AllKeys, StoredKey } from '../stores/tenants/keys.ts'

/** How long an isolate goes on with a key as it last read it: a key that is revoked elsewhere is good for so much longer at most. */
const keptMs = 2000
/** Keys that an isolate remembers. */
const mostKept = 1000

/** Keys as this isolate last read them. */
export class RememberedKeys {
  readonly #keys: Pick<AllKeys, 'get'>
  readonly #kept = new Map<string, { key: StoredKey; at: number }>()
  #forgotten = 0

  constructor(keys: Pick<AllKeys, 'get'>) {
    this.#keys = keys
  }

  async find(id: string): Promise<StoredKey | undefined> {
    const known = this.#kept.get(id)
    if (known && isRecent(known.at, keptMs)) return known.key
    const forgotten = this.#forgotten
    const key = await this.#keys.get(id)
    if (this.#kept.size >= mostKept) this.#kept.clear()
    // One that was being read as it changed may be what it was before.
    if (key && forgotten === this.#forgotten) this.#kept.set(id, { key, at: Date.now() })
    else this.#kept.delete(id)
    return key
  }

  /** A key was changed here, where that counts from now on. */
  forget(id: string): void {
    this.#forgotten++
    this.#kept.delete(id)
  }
}
