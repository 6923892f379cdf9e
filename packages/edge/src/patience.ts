/**
 * Gives up on somebody who has said nothing for too long. A stream of tokens is waited for at every one of them: one timer serves them all, which looks
 * at the time when it fires and goes on for what is left.
 */
export class Patience {
  readonly #ms: number
  readonly #giveUp: () => void
  #since: number | undefined
  #timer: ReturnType<typeof setTimeout> | undefined

  /** @param ms of silence, while something is waited for */
  constructor(ms: number, giveUp: () => void) {
    this.#ms = ms
    this.#giveUp = giveUp
  }

  /** From now on something is waited for. */
  waits(): void {
    this.#since = Date.now()
    if (this.#timer === undefined) this.#look(this.#ms)
  }

  /** It has come. */
  heard(): void {
    this.#since = undefined
  }

  /** Nothing is waited for any more. */
  end(): void {
    this.#since = undefined
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  #look(inMs: number): void {
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      if (this.#since === undefined) return
      const left = this.#since + this.#ms - Date.now()
      if (left <= 0) this.#giveUp()
      else this.#look(left)
    }, inMs)
  }
}
