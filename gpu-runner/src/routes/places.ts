import { getHeapStatistics } from 'node:v8'
import { labelHeaders } from '@weft/protocol'
import { createMiddleware } from 'hono/factory'
import { tooManyBytes, tooManyRequests } from '../errors.ts'
import type { RequestEnv } from './request-signal.ts'

/** How many seconds are spoken of at most. */
const LONGEST = 60
/**
 * Bytes of bodies in hands, by what the process may hold: 128 MB where that is 4 GB. What they are parsed to is there until they are answered: of
 * lists of numbers ten times as much, of empty lists more.
 */
const MOST_BYTES = Math.floor(getHeapStatistics().heap_size_limit / 32)

/** What a tenant has. */
interface Held {
  places: number
  bytes: number
}

interface Body {
  tenant: string
  bytes: number
  heldSince: number
}

/**
 * How many requests a runner has in hands, of every kind: those that are answered and those that wait. One that finds no place is refused before
 * anything of it is read, so that saying no costs a full runner nothing. A tenant that says its name has half of the places at most, so that others
 * find some. A refusal says when a place may be free: so many are left in the time that one was held of late (Little 1961).
 *
 * Their bodies are counted beside them, and bounded in the same way: as many of the largest as there are places no process could hold. One that is
 * alone is taken whatever it has. Few have most of the bytes, and how long the many are held says nothing of them: a refusal says how long those have
 * been held that have to go for it.
 */
export class Places {
  readonly #most: number
  readonly #mostBytes: number
  readonly #now: () => number
  readonly #ofTenants = new Map<string, Held>()
  /** In order of arrival. */
  readonly #bodies = new Set<Body>()
  #taken = 0
  #bytes = 0
  /** How long one was held of late, in milliseconds. */
  #heldMs = 0

  /** @param now a clock, in milliseconds */
  constructor(most: number, now = () => performance.now(), mostBytes = MOST_BYTES) {
    this.#most = most
    this.#mostBytes = mostBytes
    this.#now = now
  }

  /** Requests in hands. */
  get taken(): number {
    return this.#taken
  }

  /** Takes one, and gives what gives it back, once. @param tenant empty for one that has no name @throws WeftError 429 `too_many_waiting` */
  take(tenant: string): () => void {
    if (this.#taken >= this.#most) throw tooManyRequests(this.#most, 'This runner', this.#secondsToNext(this.#taken))
    const { places } = this.#heldBy(tenant)
    const half = Math.ceil(this.#most / 2)
    if (tenant !== '' && places >= half) throw tooManyRequests(half, 'This tenant', this.#secondsToNext(places))
    this.#change(tenant, { places: 1, bytes: 0 })
    const takenAt = this.#now()
    return once(() => {
      const heldMs = this.#now() - takenAt
      this.#heldMs = this.#heldMs === 0 ? heldMs : 0.9 * this.#heldMs + 0.1 * heldMs
      this.#change(tenant, { places: -1, bytes: 0 })
    })
  }

  /**
   * Takes a body in, or a part of one, of a request that has a place; gives what lets it go, once.
   * @param before bytes of the same body that are held already: beside those alone it stands beside nothing
   * @throws WeftError 429 `too_many_waiting`
   */
  hold(tenant: string, bytes: number, before = 0): () => void {
    if (this.#bytes > before && this.#bytes + bytes > this.#mostBytes)
      throw tooManyBytes(this.#bytes, this.#mostBytes, 'This runner', this.#secondsToRoom(this.#bytes + bytes - this.#mostBytes))
    const held = this.#heldBy(tenant)
    const half = Math.ceil(this.#mostBytes / 2)
    if (tenant !== '' && held.bytes > before && held.bytes + bytes > half)
      throw tooManyBytes(held.bytes, half, 'This tenant', this.#secondsToRoom(held.bytes + bytes - half, tenant))
    this.#change(tenant, { places: 0, bytes })
    const body = { tenant, bytes, heldSince: this.#now() }
    this.#bodies.add(body)
    return once(() => {
      this.#bodies.delete(body)
      this.#change(tenant, { places: 0, bytes: -bytes })
    })
  }

  #heldBy(tenant: string): Held {
    return this.#ofTenants.get(tenant) ?? { places: 0, bytes: 0 }
  }

  #change(tenant: string, by: Held): void {
    const held = this.#heldBy(tenant)
    const [places, bytes] = [held.places + by.places, held.bytes + by.bytes]
    this.#taken += by.places
    this.#bytes += by.bytes
    if (places === 0 && bytes === 0) this.#ofTenants.delete(tenant)
    else this.#ofTenants.set(tenant, { places, bytes })
  }

  /** Until one of so many is free. */
  #secondsToNext(held: number): number {
    return inWholeSeconds(this.#heldMs / held)
  }

  /** Until so many bytes are free: the first that came go first, and what has been held for long is taken to be held for as long again. */
  #secondsToRoom(bytes: number, tenant?: string): number {
    let [room, ms] = [0, 0]
    for (const body of this.#bodies) {
      if (tenant !== undefined && body.tenant !== tenant) continue
      room += body.bytes
      ms = this.#now() - body.heldSince
      if (room >= bytes) break
    }
    return inWholeSeconds(ms)
  }
}

const inWholeSeconds = (ms: number): number => Math.min(LONGEST, Math.max(1, Math.ceil(ms / 1000)))

const once = (call: () => void): (() => void) => {
  let called = false
  return () => {
    if (called) return
    called = true
    call()
  }
}

/** One place for each request, and its body beside it, to the end of its answer; of a streamed one, to its last event. */
export const takingPlace = (places: Places) =>
  createMiddleware<RequestEnv>(async function takingPlace(c, next) {
    const tenant = c.req.header(labelHeaders.tenant) ?? ''
    const held = [places.take(tenant)]
    const leave = () => {
      for (const each of held) each()
    }
    const answered = c.get('answered')
    c.set('answered', () => {
      leave()
      answered()
    })
    let own = 0
    c.set('holds', (bytes) => {
      held.push(places.hold(tenant, bytes, own))
      own += bytes
    })
    try {
      await next()
    } finally {
      if (!c.get('streams')) leave()
    }
  })
