import type { HeldModel } from '@weft/protocol'
import type { MonotonicClock } from '../../hashing/monotonic-clock.ts'
import { runnerAnswersDiffer } from '../errors.ts'
import type { Member } from '../member.ts'
import { isFull, isTimeout, isUnavailable } from '../runner-failures.ts'
import { answerDistance, tolerance } from './answer-distance.ts'
import { type CanaryAnswer, canaryAnswer, canaryPrompts } from './canary-answer.ts'

/** Between two questions to a runner that answers like the others, and to one that does not. */
const againMs = 300_000
const oddAgainMs = 30_000
/** How long an answer is waited for: the question stands in line with requests. */
const timeoutMs = 10_000

/** What one process of a runner answers for one model. */
interface Heard {
  startedAtMs: number | undefined
  dueAt: number
  asked: boolean
  /** Whether it has said something, be it a refusal. */
  answered: boolean
  /** Whether it was compared, or cannot be. */
  compared: boolean
  /** Undefined where nothing that it said can be compared. */
  answer?: CanaryAnswer | undefined
  /** Why it is not asked for the model. */
  odd?: Error | undefined
}

/**
 * Asks runners that say they hold the same model for the same few tokens, and compares what they answer: one over other weights than it says is found, whatever
 * it calls them. Nobody knows the right answer, so the one of most runners counts, and of as many the one of those that stand first.
 */
export class Canaries {
  readonly #now: MonotonicClock
  readonly #prompts = new Map<string, number[][]>()
  readonly #heard = new WeakMap<Member, Map<string, Heard>>()

  constructor(now: MonotonicClock) {
    this.#now = now
  }

  /** Asks all that are due, and compares when they have answered. Never rejects: who does not answer is asked again. */
  async ask(members: readonly Member[]): Promise<void> {
    if (members.length < 2) return
    const due = members.flatMap((member) =>
      member.state === 'ok'
        ? (member.health?.models ?? []).filter((model) => this.#now() >= this.#of(member, model).dueAt).map((model) => ({ member, model }))
        : [],
    )
    await Promise.all(due.map(({ member, model }) => this.#question(member, model)))
    for (const model of new Map(due.map(({ model }) => [keyOf(model), model])).values()) this.#judge(model, members)
  }

  async #question(member: Member, model: HeldModel): Promise<void> {
    const heard = this.#of(member, model)
    // A question that is never answered, as when its request ends first, is asked again; nobody waits for the second.
    heard.compared ||= heard.asked
    heard.asked = true
    heard.dueAt = this.#now() + timeoutMs
    const prompts = this.#prompts.get(keyOf(model)) ?? canaryPrompts(model)
    this.#prompts.set(keyOf(model), prompts)
    try {
      heard.answer = await canaryAnswer(member.backend.inference, model, prompts, { signal: AbortSignal.timeout(timeoutMs), until: Date.now() + timeoutMs })
    } catch (error) {
      // It has said nothing yet, and is asked with the next look at it.
      if (isUnavailable(error) || isFull(error) || isTimeout(error) || (error as Error).name === 'TimeoutError') {
        heard.dueAt = this.#now()
        return
      }
      heard.answer = undefined
    }
    heard.answered = true
    heard.dueAt = this.#now() + againMs
  }

  /** Whether a runner has been compared, or cannot be. One that has just joined has not. */
  isCompared(member: Member, model: HeldModel): boolean {
    return this.#of(member, model).compared
  }

  /** Why a runner is not asked for a model that it says it holds: it answers unlike the others. */
  odd(member: Member, model: HeldModel): Error | undefined {
    return this.#of(member, model).odd
  }

  /** Compares every answer with every other: the largest circle that is alike agrees, and the rest is odd. */
  #judge(model: HeldModel, members: readonly Member[]): void {
    const all = holders(model, members).map((member) => ({ member, heard: this.#of(member, model) }))
    const answers = all.flatMap((one) => (one.heard.answer === undefined ? [] : [{ ...one, answer: one.heard.answer }]))
    const circles = answers.map(({ answer }) => answers.filter((other) => answerDistance(answer, other.answer) <= tolerance))
    const agreed = new Set(circles.toSorted((a, b) => b.length - a.length)[0]?.map(({ member }) => member))
    for (const { member, heard } of all) {
      const wasOdd = heard.odd !== undefined
      heard.compared ||= heard.answered
      heard.odd =
        heard.answer === undefined || agreed.has(member)
          ? undefined
          : runnerAnswersDiffer(
              member.name,
              model,
              [...agreed].map(({ name }) => name),
            )
      if (!heard.odd) continue
      // Sooner than those that agree, so that it is back soon when it is mended.
      heard.dueAt = Math.min(heard.dueAt, this.#now() + oddAgainMs)
      if (!wasOdd) console.warn(heard.odd.message)
    }
  }

  /** Another process of a runner has answered nothing yet. */
  #of(member: Member, model: HeldModel): Heard {
    const byModel = this.#heard.get(member) ?? new Map<string, Heard>()
    this.#heard.set(member, byModel)
    const startedAtMs = member.health?.startedAtMs
    const known = byModel.get(keyOf(model))
    if (known && known.startedAtMs === startedAtMs) return known
    const fresh: Heard = { startedAtMs, dueAt: 0, asked: false, answered: false, compared: false }
    byModel.set(keyOf(model), fresh)
    return fresh
  }
}

/** Canaries compare runners that say they hold the very same. */
const keyOf = ({ name, fingerprint }: HeldModel): string => `${name} ${fingerprint}`

const holders = (model: HeldModel, members: readonly Member[]): Member[] =>
  members.filter(({ health, distrust }) => !distrust && health?.models.some((held) => keyOf(held) === keyOf(model)))
