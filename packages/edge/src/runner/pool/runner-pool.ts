import type { Health, RunnerPlacing, RunnerWork } from '@weft/protocol'
import type { Backend } from '../backend.ts'
import type { Caller } from '../caller.ts'
import { HotKeys } from '../hashing/hot-keys.ts'
import type { MonotonicClock } from '../hashing/monotonic-clock.ts'
import { agreedModels, disagreements } from './agreed-models.ts'
import { Canaries } from './canary/canaries.ts'
import { chooseRunner } from './choose-runner.ts'
import { noRunner, runnerFingerprintFalse } from './errors.ts'
import type { Member } from './member.ts'
import type { Membership } from './membership.ts'
import { Placement } from './placement.ts'
import { isFull, isOfAnotherModel, isRefusedConnection, isTimeout, isUnavailable } from './runner-failures.ts'

/** What decides where a request goes. */
export interface Asked {
  /** Of what is composed; undefined where that is nothing. */
  key: string | undefined
  /** The base model's name; undefined where any runner does. */
  model?: string | undefined
}

export interface PoolParts {
  membership: Membership
  /** The ports of one runner, for what is the same of all. */
  of: Backend
  now: MonotonicClock
  placing?: RunnerPlacing | undefined
}

/**
 * The runners behind one edge. What an isolate knows of them is its own: who answers, what each has in hands, which keys are hot. Isolates never talk to
 * one another, and rank the same key alike.
 */
export class RunnerPool {
  readonly membership: Membership
  /** The ports of one runner, for what is the same of all. */
  readonly of: Backend
  readonly #now: MonotonicClock
  readonly #placing: RunnerPlacing
  readonly #hot: HotKeys
  readonly #canaries: Canaries

  constructor({ membership, of, now, placing = 'rendezvous' }: PoolParts) {
    this.#placing = placing
    this.membership = membership
    this.of = of
    this.#now = now
    this.#hot = new HotKeys(now)
    this.#canaries = new Canaries(now)
  }

  /**
   * Asks a runner for a request, and another where that one is away or full and has given no answer. What `call` gives counts as given: whatever fails
   * later is told, and not tried again.
   */
  async run<T>(asked: Asked, caller: Caller | undefined, call: (backend: Backend, runner: Member) => Promise<T>): Promise<T> {
    const placement = caller?.placement ?? new Placement()
    for (;;) {
      const runner = await this.#place(placement, asked)
      const leave = runner.take()
      const believed = runner.health
      try {
        return await call(runner.backend, runner)
      } catch (error) {
        if (caller?.signal.aborted) throw error
        this.learn(runner, error)
        if (this.membership.known.length < 2) throw error
        if (isOfAnotherModel(error)) await this.#question(runner, error as Error, believed)
        if (!isUnavailable(error) && !isFull(error) && !isOfAnotherModel(error)) throw error
        placement.leave(runner, error, !isUnavailable(error) || isRefusedConnection(error))
        if (!placement.mayGoOn) throw error
      } finally {
        leave()
      }
    }
  }

  /** What a failure says of the runner: that it is away, or full, or nothing. */
  learn(runner: Member, error: unknown): void {
    if (isUnavailable(error) || isTimeout(error)) runner.failed(error, this.#now())
    else if (isFull(error)) runner.full(this.#now())
  }

  /** A runner that refuses what it said it holds is asked again what that is. One that says the same as before says what is not so. */
  async #question(runner: Member, refusal: Error, believed: Health | undefined): Promise<void> {
    const health = await this.check(runner).catch(() => undefined)
    const [model] = health?.models ?? []
    if (model === undefined || JSON.stringify(health?.models) !== JSON.stringify(believed?.models)) return
    runner.distrust = runnerFingerprintFalse(runner.name, model.name, `it refused a request for it (${refusal.message})`)
    console.warn(runner.distrust.message)
  }

  /** Asks a runner how it fares. Errors as of a model directory. */
  async check(runner: Member, signal?: AbortSignal) {
    try {
      const health = await runner.backend.directory.health(signal)
      runner.heard(health, this.#now())
      return health
    } catch (error) {
      if (!signal?.aborted) runner.failed(error, this.#now())
      throw error
    }
  }

  /** Compares what runners of the same model answer, where that is due. Never rejects. */
  compare(): Promise<void> {
    return this.#canaries.ask(this.membership.known)
  }

  /** Why a runner is not asked, or not for some model, as far as that is seen beside the others. */
  disagreements(runner: Member): Error[] {
    return [...disagreements(runner, this.membership.known), ...this.#oddModels(runner)]
  }

  /** Whether it is asked nothing, though it answers. */
  isRefused(runner: Member): boolean {
    const { distrust, health } = runner
    return distrust !== undefined || (health !== undefined && health.models.length > 0 && this.#oddModels(runner).length === health.models.length)
  }

  #oddModels(runner: Member): Error[] {
    return (runner.health?.models ?? []).flatMap((model) => this.#canaries.odd(runner, model) ?? [])
  }

  /** The runners for some work that may be asked now for a model. */
  fit(work: RunnerWork, model: string | undefined, without: ReadonlySet<object> = new Set()): Member[] {
    const known = this.membership.known
    const fingerprint = model === undefined ? undefined : agreedModels(known).get(model)?.fingerprint
    const held = ({ health }: Member) => health?.models.find(({ name, fingerprint: of }) => name === model && of === fingerprint)
    const serves = (runner: Member): boolean => {
      const asked = held(runner)
      return asked !== undefined && !this.#canaries.odd(runner, asked)
    }
    const fit = known.filter(
      (runner) =>
        runner.work.includes(work) &&
        !without.has(runner) &&
        !runner.distrust &&
        (runner.state === 'ok' || runner.state === 'starting') &&
        (model === undefined ? !this.isRefused(runner) : serves(runner)),
    )
    // One that joins is compared first, while others are there that have been.
    const compared = fit.filter((runner) => model === undefined || this.#canaries.isCompared(runner, held(runner)!))
    return compared.length > 0 ? compared : fit
  }

  /** How much a runner was given of late. */
  loadOf(runner: Member): number {
    return runner.recent.at(this.#now())
  }

  async #place(placement: Placement, { key, model }: Asked): Promise<Member> {
    const members = await this.membership.members()
    const [sole] = members
    const at = members.find((runner) => runner === placement.at)
    if (at) return at
    if (sole && members.length === 1 && sole.work.includes('inference')) return this.#give(placement, sole)
    this.#lookAround(members)
    const fit = await this.someFit('inference', model, placement.left)
    if (fit.length === 0) throw placement.reason ?? this.nobody('inference', model)
    const runner = this.#placing === 'random' ? fit[Math.floor(Math.random() * fit.length)]! : chooseRunner(key, fit, this.#hot, this.#now())!
    if (key !== undefined && placement.left.size === 0) this.#hot.asked(key)
    return this.#give(placement, runner)
  }

  #give(placement: Placement, runner: Member): Member {
    runner.requests++
    runner.recent.add(this.#now())
    placement.at = runner
    return runner
  }

  /** The runners that may be asked. Where none is known to answer, all are asked whether they do. */
  async someFit(work: RunnerWork, model: string | undefined, without: ReadonlySet<object> = new Set()): Promise<Member[]> {
    const fit = this.fit(work, model, without)
    if (fit.length > 0) return fit
    const others = this.membership.known.filter((runner) => runner.work.includes(work) && !without.has(runner))
    await Promise.allSettled(others.map((runner) => this.check(runner)))
    // Nobody waits for it: where none has been compared, all are asked.
    void this.compare()
    return this.fit(work, model, without)
  }

  /** Asks those that are due, while the request goes elsewhere: so one that is back, or new, gets its share, and nobody waits for it. */
  #lookAround(members: readonly Member[]): void {
    for (const runner of members)
      if (runner.isDue(this.#now()))
        this.check(runner).then(
          () => this.compare(),
          () => {},
        )
  }

  /** The error 503 of work that nobody does, with what each says. */
  nobody(work: RunnerWork, model?: string): Error {
    const known = this.membership.known
    const asked = known.filter((runner) => runner.work.includes(work))
    return noRunner(
      work,
      model,
      asked.map((runner) => ({ runner: runner.name, reason: this.#reasonOf(runner, model) })),
    )
  }

  #reasonOf(runner: Member, model: string | undefined): string {
    if (runner.distrust) return runner.distrust.message
    if (runner.failure) return runner.failure instanceof Error ? runner.failure.message : String(runner.failure)
    if (runner.state !== 'ok') return `it is ${runner.state}`
    const [other] = this.disagreements(runner)
    return other?.message ?? (model === undefined ? 'it left the request' : `it does not hold "${model}"`)
  }
}
