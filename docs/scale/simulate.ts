import { Random } from '@weft/adapters'
import { boundOf } from '../../packages/edge/src/runner/hashing/bounded-load.ts'
import { HotKeys } from '../../packages/edge/src/runner/hashing/hot-keys.ts'
import { ranked, weightOf } from '../../packages/edge/src/runner/hashing/rendezvous.ts'
import { drawing } from './popularity.ts'

export interface Simulated {
  /** The part of the measured requests whose composition was held. */
  hits: number
  /** The most loaded runner's requests over the mean. */
  balance: number
}

interface Options {
  shares: Float64Array
  runners: number
  /** Compositions that a runner holds. */
  places: number
  /** Those that fill the caches first, and are not counted. */
  filling: number
  requests: number
  requestsPerS: number
  /** Requests under way at any time. */
  underWay: number
  seed: number
}

/** Requests in their order over runners that forget what they were asked for longest ago, placed by the edge's own ranking, bound and replicas, or at random. */
export function simulate(placing: 'rendezvous' | 'random', { shares, runners, places, filling, requests, requestsPerS, underWay, seed }: Options): Simulated {
  const random = new Random(seed)
  const draw = drawing(shares, random.split('adapters'))
  const choose = random.split('runners')
  const all = Array.from({ length: runners }, (_, at) => ({ name: `runner-${at}`, at, load: 0, answered: 0, held: new Map<number, true>() }))
  /** Requests under way, a ring: the oldest ends when the next one comes. */
  const ring: (typeof all)[number][] = []
  const rankings = new Map<number, typeof all>()
  const firsts = new Map<number, (typeof all)[number]>()
  let now = 0
  const hot = new HotKeys(() => now)
  /** The first of a key's ranking, without the others. */
  const firstOf = (adapter: number, key: string) => {
    const known = firsts.get(adapter)
    if (known) return known
    let [first, most] = [all[0]!, -1]
    for (const runner of all) {
      const weight = weightOf(key, runner.name)
      if (weight > most) [first, most] = [runner, weight]
    }
    firsts.set(adapter, first)
    return first
  }
  const place = (adapter: number) => {
    if (placing === 'random') return all[choose.integer(runners)]!
    const key = String(adapter)
    hot.asked(key)
    const bound = boundOf(ring.length, runners)
    const replicas = hot.replicasOf(key, runners)
    const first = firstOf(adapter, key)
    if (replicas === 1 && first.load < bound) return first
    const ranking = rankings.get(adapter) ?? ranked(key, all)
    rankings.set(adapter, ranking)
    const [least] = ranking.slice(0, replicas).sort((a, b) => a.load - b.load)
    return least!.load < bound ? least! : ranking.find(({ load }) => load < bound)!
  }
  let hits = 0
  for (let request = 0; request < filling + requests; request++) {
    now += 1000 / requestsPerS
    if (ring.length === underWay) ring[request % underWay]!.load--
    const adapter = draw()
    const runner = place(adapter)
    runner.load++
    ring[request % underWay] = runner
    const had = runner.held.delete(adapter)
    runner.held.set(adapter, true)
    if (runner.held.size > places) runner.held.delete(runner.held.keys().next().value!)
    if (request < filling) continue
    runner.answered++
    if (had) hits++
  }
  return { hits: hits / requests, balance: Math.max(...all.map(({ answered }) => answered)) / (requests / runners) }
}
