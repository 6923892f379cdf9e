import type { Health, RunnerWork } from '@weft/protocol'
import type { Backend } from '../backend.ts'
import { DecayedCount } from '../hashing/decayed-count.ts'
import type { Transport } from '../http/transport.ts'

/** `unknown`: nobody has asked it yet. */
export type MemberState = 'unknown' | 'ok' | 'starting' | 'stopping' | 'unreachable'

/** Between two questions to a runner that answers, how it fares. */
const checkEveryMs = 5000
/** To one that does not: after the first failure, and at most. */
const firstRetryMs = 250
const longestRetryMs = 10_000
/** How long one that said it was full is passed over. */
const fullMs = 250

/** One runner of a pool, as this isolate knows it. Times are of the pool's clock. */
export class Member {
  /** Its address: `http://10.0.0.1:8790`, or `http://gateway/r1`. */
  readonly name: string
  /** The pool that it belongs to, and what it is asked for: another where a name gives it up that shared it with another. */
  pool: string
  work: readonly RunnerWork[]
  readonly backend: Backend
  readonly send: Transport
  state: MemberState = 'unknown'
  health: Health | undefined
  /** Why it is not asked, where it does not say so itself. */
  failure: unknown
  /** Since when it does not answer. */
  failingSince: number | undefined
  /** It says of itself what is not so, and is asked nothing while this process of it runs. */
  distrust: Error | undefined
  /** Requests of this isolate that it has in hands. */
  inFlight = 0
  /** And those that it was given of late. */
  readonly recent = new DecayedCount()
  /** Since the isolate began. */
  requests = 0
  failures = 0
  #failedInARow = 0
  #checkAt = 0
  #fullUntil = 0

  constructor({ name, pool, work, backend, send }: Pick<Member, 'name' | 'pool' | 'work' | 'backend' | 'send'>) {
    this.name = name
    this.pool = pool
    this.work = work
    this.backend = backend
    this.send = send
  }

  /** It has a request in hands until what is given back is called, once or more often. */
  take(): () => void {
    this.inFlight++
    let taken = true
    return () => {
      if (taken) this.inFlight--
      taken = false
    }
  }

  heard(health: Health, now: number): void {
    // Another process of it has made no promise yet; of one that does not say when it began, as vLLM, nobody knows which it is.
    if (health.startedAtMs === undefined || health.startedAtMs !== this.health?.startedAtMs) this.distrust = undefined
    this.health = health
    this.state = health.status
    this.failure = undefined
    this.failingSince = undefined
    this.#failedInARow = 0
    this.#checkAt = now + checkEveryMs
  }

  failed(error: unknown, now: number): void {
    this.failures++
    this.failure = error
    this.failingSince ??= now
    this.state = 'unreachable'
    this.#checkAt = now + Math.min(longestRetryMs, firstRetryMs * 2 ** this.#failedInARow++)
  }

  full(now: number): void {
    this.#fullUntil = now + fullMs
  }

  isFull(now: number): boolean {
    return now < this.#fullUntil
  }

  /** Whether it is time to ask how it fares; whoever is told so asks. */
  isDue(now: number): boolean {
    if (now < this.#checkAt) return false
    // A question that is never answered, as when its request ends first, is asked again.
    this.#checkAt = now + checkEveryMs
    return true
  }
}
