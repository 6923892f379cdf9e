import type { Member } from './member.ts'

/** The most runners that may go down with one request in hands. A request that takes runners down must not go through all of them. */
const mostTakenUp = 3

/** Where one request is. The runner that lacks its composition gets the upload and the request again, and so everything that is asked for it. */
export class Placement {
  at: Member | undefined
  readonly left = new Set<Member>()
  /** Why the last of those was left. */
  reason: unknown
  #takenUp = 0

  /** It is looked for another runner. @param isCertain whether that one has taken nothing up */
  leave(member: Member, reason: unknown, isCertain: boolean): void {
    if (!isCertain && !this.left.has(member)) this.#takenUp++
    this.left.add(member)
    this.reason = reason
    if (this.at === member) this.at = undefined
  }

  get mayGoOn(): boolean {
    return this.#takenUp < mostTakenUp
  }
}
