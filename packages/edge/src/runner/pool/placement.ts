/** The most runners that may go down with one request in hands. A request that takes runners down must not go through all of them. */
const mostTakenUp = 3

/** A runner, as far as a request has to know it. */
interface Placed {
  readonly name: string
}

/** Where one request is. The runner that lacks its composition gets the upload and the request again, and so everything that is asked for it. */
export class Placement {
  at: Placed | undefined
  readonly left = new Set<Placed>()
  /** Why the last of those was left. */
  reason: unknown
  #takenUp = 0

  /** It is looked for another runner. @param isCertain whether that one has taken nothing up */
  leave(runner: Placed, reason: unknown, isCertain: boolean): void {
    if (!isCertain && !this.left.has(runner)) this.#takenUp++
    this.left.add(runner)
    this.reason = reason
    if (this.at === runner) this.at = undefined
  }

  get mayGoOn(): boolean {
    return this.#takenUp < mostTakenUp
  }
}
