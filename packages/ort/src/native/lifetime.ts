import { disposed } from '../errors.ts'

/** Native objects alive, by kind. One ledger per runtime, so that a test can ask for exactly zero. */
export class Ledger {
  readonly #counts = new Map<string, number>()
  readonly #onLeak: ((kind: string) => void) | undefined
  /** Objects that were collected without having been disposed of. Their native side was freed all the same. */
  leaked = 0

  constructor(onLeak?: (kind: string) => void) {
    this.#onLeak = onLeak
  }

  add(kind: string, change: 1 | -1) {
    const count = (this.#counts.get(kind) ?? 0) + change
    if (count === 0) this.#counts.delete(kind)
    else this.#counts.set(kind, count)
  }

  get counts(): Record<string, number> {
    return Object.fromEntries(this.#counts)
  }

  get total(): number {
    let total = 0
    for (const count of this.#counts.values()) total += count
    return total
  }

  leak(kind: string) {
    this.leaked++
    this.#onLeak?.(kind)
  }
}

/**
 * One native object with a count of those who need it. It is freed exactly once, when the last of them lets go, and only
 * then lets go of what it needs itself: no native object outlives the memory or the session that it points into.
 */
export class Handle {
  readonly pointer: bigint
  readonly kind: string
  readonly ledger: Ledger
  readonly #free: (pointer: bigint) => void
  readonly #needs: readonly Handle[]
  #holders = 1

  constructor(ledger: Ledger, kind: string, pointer: bigint, free: (pointer: bigint) => void, needs: readonly Handle[] = []) {
    this.ledger = ledger
    this.kind = kind
    this.pointer = pointer
    this.#free = free
    this.#needs = needs
    for (const need of needs) need.retain()
    ledger.add(kind, 1)
  }

  retain(): this {
    if (this.#holders === 0) throw disposed(this.kind)
    this.#holders++
    return this
  }

  release() {
    if (this.#holders === 0 || --this.#holders > 0) return
    this.#free(this.pointer)
    this.ledger.add(this.kind, -1)
    for (const need of this.#needs) need.release()
  }
}

/** A net, not a habit: what is collected undisposed is freed here and counted as leaked. */
const net = new FinalizationRegistry<Handle>((handle) => {
  handle.ledger.leak(handle.kind)
  handle.release()
})

/** What users hold: disposes once, refuses use afterwards. The native side lives on while others (a binding, a run) need it. */
export class Owned implements Disposable {
  #handle: Handle | undefined
  readonly #kind: string

  constructor(handle: Handle) {
    this.#handle = handle
    this.#kind = handle.kind
    net.register(this, handle, this)
  }

  /** @throws OrtError `disposed` */
  get handle(): Handle {
    if (this.#handle === undefined) throw disposed(this.#kind)
    return this.#handle
  }

  get isDisposed(): boolean {
    return this.#handle === undefined
  }

  dispose() {
    const handle = this.#handle
    if (handle === undefined) return
    this.#handle = undefined
    net.unregister(this)
    handle.release()
  }

  [Symbol.dispose]() {
    this.dispose()
  }
}
