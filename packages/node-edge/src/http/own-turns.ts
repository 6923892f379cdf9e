import { setImmediate, setTimeout } from 'node:timers/promises'

/** Bytes of a body from which on its reading may hold the event loop for as long as somebody notices. */
const LARGE = 2 ** 17
/** Time for whatever else has come in, which takes a few turns of the loop to be answered. */
const REST_MS = 20

/** Large bodies that came together are read one after another, and not all in one turn of the event loop: whoever asks for little waits for one of them, and not for all. */
export class OwnTurns {
  #next: Promise<void> = Promise.resolve()

  /** Resolves when a body of so many bytes may be read: at once, unless another was just before. */
  readonly ownTurn = (bytes: number): Promise<void> => {
    if (bytes < LARGE) return Promise.resolve()
    const turn = this.#next
    this.#next = turn.then(rest)
    return turn
  }
}

const rest = async (): Promise<void> => {
  // A timer counts from where its turn of the loop began: one that is set in the turn of the reading would be over with it.
  await setImmediate()
  await setImmediate()
  await setTimeout(REST_MS)
}
