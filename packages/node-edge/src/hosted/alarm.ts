const longestTimerMs = 2 ** 31 - 1
const firstRetryMs = 1000
const longestRetryMs = 60_000

/** Rings at a time that can be changed; a ring that fails comes again. */
export class Alarm {
  #due: number | null = null
  #timer: NodeJS.Timeout | undefined
  #failures = 0
  #stopped = false
  #ringing: Promise<void> = Promise.resolve()
  #rings = 0
  readonly #ring: () => Promise<void>
  readonly #idle: () => Promise<void>
  readonly #rung: () => void

  /** @param ring what is due @param idle after a ring that has set no other @param rung after every one */
  constructor(ring: () => Promise<void>, idle: () => Promise<void>, rung: () => void) {
    this.#ring = ring
    this.#idle = idle
    this.#rung = rung
  }

  /** Milliseconds since 1970; null where none is set. */
  get due(): number | null {
    return this.#due
  }

  /** Whether something is being done just now. */
  get ringing(): boolean {
    return this.#rings > 0
  }

  set(at: number): void {
    this.#due = at
    clearTimeout(this.#timer)
    if (this.#stopped) return
    this.#timer = setTimeout(
      () => {
        this.#due = null
        this.#rings++
        this.#ringing = this.#ringing
          .then(() => this.#run())
          .finally(() => {
            this.#rings--
            this.#rung()
          })
      },
      Math.min(longestTimerMs, Math.max(0, at - Date.now())),
    )
  }

  /** Rings no more; through once a ring that is under way is. */
  async stop(): Promise<void> {
    this.#stopped = true
    clearTimeout(this.#timer)
    await this.#ringing
  }

  async #run(): Promise<void> {
    if (this.#stopped) return
    try {
      await this.#ring()
      this.#failures = 0
      if (this.#due === null) await this.#idle()
    } catch (error) {
      console.error('a step failed and is tried again:', error)
      this.set(Date.now() + Math.min(longestRetryMs, firstRetryMs * 2 ** this.#failures++))
    }
  }
}
