import { type RunnerPoolConfig, runnerAddress } from '@weft/protocol'
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

/** Who belongs to the pools. Names are looked up again from time to time; a runner that stays keeps what is known of it. */
export class Membership {
  readonly #needs: Needs
  readonly #byName = new Map<string, Member>()
  readonly #resolved = new Map<string, readonly string[]>()
  #dueAt: number

  constructor(needs: Needs) {
    this.#needs = needs
    for (const [pool, { urls }] of Object.entries(needs.pools)) for (const url of urls ?? []) this.#add(pool, url)
    this.#dueAt = Object.values(needs.pools).some(({ dns }) => dns !== undefined) ? 0 : Number.POSITIVE_INFINITY
  }

  /** As last known. */
  get known(): readonly Member[] {
    return [...this.#byName.values()]
  }

  /** Looks names up where that is due; waits for it only as long as nobody is known. Error 503 `runner_unavailable` where no name was resolved. */
  async members(): Promise<readonly Member[]> {
    if (this.#needs.now() >= this.#dueAt) {
      this.#dueAt = this.#needs.now() + retryMs
      const looking = this.#lookUp()
      if (this.#byName.size === 0) await looking
      // Who is known serves meanwhile, and goes on where the resolver does not answer.
      else looking.catch((error: unknown) => console.warn(String(error)))
    }
    return this.known
  }

  async #lookUp(): Promise<void> {
    let soonest = Number.POSITIVE_INFINITY
    for (const [pool, { dns }] of Object.entries(this.#needs.pools)) {
      if (dns === undefined) continue
      const { addresses, ttlMs } = await this.#needs.resolve(new URL(dns).hostname)
      soonest = Math.min(soonest, ttlMs)
      const urls = addresses.map((address) => atAddress(dns, address))
      for (const url of urls) this.#add(pool, url)
      for (const gone of this.#resolved.get(pool) ?? []) if (!urls.includes(gone)) this.#byName.delete(gone)
      this.#resolved.set(pool, urls)
    }
    this.#dueAt = this.#needs.now() + Math.max(shortestMs, soonest)
  }

  #add(pool: string, url: string): void {
    const name = runnerAddress(url)
    if (this.#byName.has(name)) return
    const { for: work = ['inference', 'training'] } = this.#needs.pools[pool]!
    this.#byName.set(name, new Member({ name, pool, work, ...this.#needs.open(name) }))
  }
}

const atAddress = (dns: string, address: string): string => {
  const url = new URL(dns)
  url.hostname = address.includes(':') ? `[${address}]` : address
  return runnerAddress(url.href)
}
