import type { TrainingEvent } from './events.ts'

/** Speed and time left, from a moving average that forgets the slow first steps (sessions are built in them). */
export class Progress {
  #left: number
  #mark = performance.now()
  #stepMs = 0
  #tokensPerMs = 0
  #asideMs = 0
  #steps = 0

  constructor(steps: number) {
    this.#left = steps
  }

  step(tokens: number): void {
    const now = performance.now()
    const ms = Math.max(0.01, now - this.#mark)
    this.#mark = now
    this.#left -= 1
    const keep = this.#steps === 0 ? 0 : this.#steps === 1 ? 0.1 : 0.8
    this.#stepMs = keep * this.#stepMs + (1 - keep) * ms
    this.#tokensPerMs = keep * this.#tokensPerMs + (1 - keep) * (tokens / ms)
    this.#steps += 1
  }

  /** Runs something that is no step (an evaluation) without spoiling the speed; its time still counts in what is left. */
  async aside<T>(work: () => Promise<T>): Promise<T> {
    const start = performance.now()
    const result = await work()
    this.#mark = performance.now()
    this.#asideMs += this.#mark - start
    return result
  }

  get tokensPerS(): number {
    return this.#tokensPerMs * 1000
  }

  get etaS(): number {
    return (this.#left * (this.#stepMs + this.#asideMs / Math.max(1, this.#steps))) / 1000
  }
}

type Preparing = Extract<TrainingEvent, { type: 'preparing' }>

/** Tells how much of what comes before a step is done, at every tenth: it may take minutes, in which a job would seem to hang. */
export const preparedShare = (onEvent: (event: TrainingEvent) => void, of: Omit<Preparing, 'type' | 'share'>): ((share: number) => void) => {
  let told = -1
  return (share) => {
    const tenth = Math.floor(10 * share)
    if (tenth > told) onEvent({ type: 'preparing', ...of, share: (told = tenth) / 10 })
  }
}
