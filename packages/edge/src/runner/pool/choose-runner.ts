import { boundOf } from '../hashing/bounded-load.ts'
import type { HotKeys } from '../hashing/hot-keys.ts'
import { ranked } from '../hashing/rendezvous.ts'
import type { Member } from './member.ts'

/** Requests that any runner takes side by side: it answers them in one batch, and moving their keys would gain nothing. */
const alwaysTogether = 4
/** And requests of late before which nobody can tell whether the load is even: moving keys for fewer would cost hits and gain nothing. */
const tooFewToTell = 24

/**
 * The runner for a request of this key. The key's first runners in order, as many as it is hot, share it; where those are at their bound, the next of
 * its ranking takes it. Bounded are the requests under way, which follow a runner that is slow, and those of late, which keep the sums even.
 * @param key undefined where nothing is composed: any runner does as well, so the least busy
 */
export function chooseRunner(key: string | undefined, runners: readonly Member[], hot: HotKeys, now: number): Member | undefined {
  if (runners.length < 2) return runners[0]
  const sum = (load: (runner: Member) => number) => runners.reduce((all, runner) => all + load(runner), 0)
  const ofLate = ({ recent }: Member) => recent.at(now)
  const mostAtOnce = Math.max(
    alwaysTogether,
    boundOf(
      sum(({ inFlight }) => inFlight),
      runners.length,
    ),
  )
  const mostOfLate = Math.max(tooFewToTell, boundOf(sum(ofLate), runners.length))
  const hasRoom = (runner: Member) => !runner.isFull(now) && runner.inFlight < mostAtOnce && ofLate(runner) < mostOfLate
  const idlest = (of: readonly Member[]) => of.toSorted((a, b) => a.inFlight - b.inFlight || ofLate(a) - ofLate(b))[0]
  if (key === undefined) return idlest(runners.filter(hasRoom)) ?? idlest(runners)
  const order = ranked(key, runners)
  const replicas = hot.replicasOf(key, runners.length)
  return idlest(order.slice(0, replicas).filter(hasRoom)) ?? order.slice(replicas).find(hasRoom) ?? idlest(runners)
}
