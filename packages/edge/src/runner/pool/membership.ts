import { type RunnerPoolConfig, type RunnerWork, runnerAddress } from '@weft/protocol'
import type { Backend } from '../backend.ts'
import type { MonotonicClock } from '../hashing/monotonic-clock.ts'
import type { Transport } from '../http/transport.ts'
import { Member } from './member.ts'
import type { ResolveName } from './name-resolver.ts'

/** An address is looked up no more often than this, whatever the resolver says. */
const shortestMs = 5000
/** And is asked for again after this long, where that failed. */
const retryMs = 1000

interface Needs {
  pools: Readonly<Record<string, RunnerPoolConfig>>
  open: (url: string) => { backend: Backend; send: Transport }
  resolve: ResolveName
  now: MonotonicClock
}

/** Runners of one pool, as they are written or as its name was last resolved. */
interface Listed {
  pool: string
  urls: readonly string[]
}

interface Named extends Listed {
  dns: string
  dueAt: number
  /** Whether it has been looked up, be it in vain. */
  asked: boolean
  /** Requests that look it up now. */
  looking: number
}

/** Who belongs to the pools. Names are looked up again from time to time, each by itself; a runner that stays keeps what is known of it. */
export class Membership {
  readonly #needs: Needs
  readonly #byName = new Map<string, Member>()
  readonly #written: readonly Listed[]
  readonly #named: readonly Named[]

  constructor(needs: Needs) {
    this.#needs = needs
    const pools = Object.entries(needs.pools)
    this.#written = pools.flatMap(([pool, { urls }]) => (urls ? [{ pool, urls: urls.map(runnerAddress) }] : []))
    this.#named = pools.flatMap(([pool, { dns }]) => (dns === undefined ? [] : [{ pool, dns, urls: [], dueAt: 0, asked: false, looking: 0 }]))
    this.#settle()
  }

  /** As last known. */
  get known(): readonly Member[] {
    return [...this.#byName.values()]
  }

  /**
   * Looks names up where that is due; waits for it only as long as nobody is known, or a name has never been looked up. Error 503 `runner_unavailable` where
   * no name was resolved.
   */
  async members(): Promise<readonly Member[]> {
    const isAwaited = ({ asked }: Named) => !asked || this.#byName.size === 0
    // A request waits for nobody else's look, which ends with the other's request.
    const due = this.#named.filter((name) => this.#needs.now() >= name.dueAt || (isAwaited(name) && name.looking > 0))
    const looks = due.map((name) => ({ awaited: isAwaited(name), done: this.#lookUp(name) }))
    // Who is known serves meanwhile, and goes on where the resolver does not answer.
    for (const { done } of looks) done.catch((error: unknown) => this.#byName.size > 0 && console.warn(String(error)))
    const settled = await Promise.allSettled(looks.flatMap(({ awaited, done }) => (awaited ? [done] : [])))
    const failed = settled.find((look) => look.status === 'rejected')
    if (failed && this.#byName.size === 0) throw failed.reason
    return this.known
  }

  async #lookUp(name: Named): Promise<void> {
    name.dueAt = this.#needs.now() + retryMs
    name.looking++
    try {
      const { addresses, ttlMs } = await this.#needs.resolve(new URL(name.dns).hostname)
      name.urls = addresses.map((address) => atAddress(name.dns, address))
      this.#settle()
      name.dueAt = this.#needs.now() + Math.max(shortestMs, ttlMs)
    } finally {
      name.asked = true
      name.looking--
    }
  }

  /** Two names may have the same address: it stays as long as one of them does, and is asked for what either pool is for. */
  #settle(): void {
    const lists = [...this.#written, ...this.#named]
    const found = new Set(lists.flatMap(({ urls }) => urls))
    for (const name of this.#byName.keys()) if (!found.has(name)) this.#byName.delete(name)
    for (const name of found) {
      const pools = lists.flatMap(({ pool, urls }) => (urls.includes(name) ? [pool] : []))
      const known = this.#byName.get(name)
      const pool = known && pools.includes(known.pool) ? known.pool : pools[0]!
      const work = [...new Set(pools.flatMap((each): readonly RunnerWork[] => this.#needs.pools[each]!.for ?? ['inference', 'training']))]
      if (known) {
        known.pool = pool
        known.work = work
      } else this.#byName.set(name, new Member({ name, pool, work, ...this.#needs.open(name) }))
    }
  }
}

const atAddress = (dns: string, address: string): string => {
  const url = new URL(dns)
  url.hostname = address.includes(':') ? `[${address}]` : address
  return runnerAddress(url.href)
}
