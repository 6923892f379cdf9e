import { setImmediate } from 'node:timers/promises'
import { Admission, type AdmissionOptions } from './admission.ts'
import type { Asker } from './asker.ts'
import type { SchedulerCounts } from './counts.ts'
import { FairQueue } from './fair-queue.ts'
import { SingleRun } from './single-run.ts'
import { TextLists, type TextsRead, textListOf } from './text-lists.ts'
import type { Work } from './work.ts'

export interface SchedulerOptions extends AdmissionOptions {
  /** Rows decoded in one step. */
  maxBatch: number
  /** Tokens of one step, those of prompts and one of every row that decodes. */
  prefillChunk: number
  /** Bytes that rows doing different things inside layers may take side by side; default 512 MB. */
  layerBytes?: number
}

/** Rows that grow by a token at every step. */
export interface DecodeBatch {
  /** Rows that decode now. */
  readonly size: number
  /** One token for each of them; who had one. It never throws: failures go to the rows. */
  decode(): Promise<readonly Asker[]>
  /** Nothing waits and nothing decodes: what is kept for a batch may be given back. */
  rest(): void
}

/** Requests that may pass one that does not fit beside those in the batch. After them the batch empties until it fits. */
const MOST_OVERTAKING = 16
/** Prompt tokens of a step however many rows decode: prompts go on too. */
const FEWEST = 16

/**
 * Continuous batching (Yu et al. 2022, Orca) with a token budget (Agrawal et al. 2024, Sarathi-Serve): a step decodes every row by one token,
 * and reads prompts with what is left of the budget. So a long prompt holds rows that answer up by one chunk at most. Work of every
 * kind, prompts of answers and texts that are read to their end, takes its pieces of the same budget in the order of `FairQueue`.
 */
export class Scheduler {
  readonly #options: SchedulerOptions
  readonly #batch: DecodeBatch | undefined
  readonly #queue: FairQueue
  readonly #lists = new TextLists()
  readonly #admission: Admission
  readonly #done = { readTokens: 0, decodedTokens: 0, steps: 0, refused: 0 }
  #isRunning = false
  #running: Promise<void> | undefined

  /** @param batch none where nothing is generated */
  constructor(options: SchedulerOptions, batch?: DecodeBatch) {
    this.#options = options
    this.#batch = batch
    this.#queue = new FairQueue(MOST_OVERTAKING, options.prefillChunk)
    this.#admission = new Admission(options)
  }

  /** Rows that decode and work under way, and work and lists that have not begun. */
  get load(): { active: number; waiting: number } {
    return { active: (this.#batch?.size ?? 0) + this.#queue.underWay, waiting: this.#queue.waiting + this.#lists.waiting().lists }
  }

  get counts(): SchedulerCounts {
    return { ...this.load, waitingTokens: this.#queue.waitingTokens + this.#lists.waiting().tokens, ...this.#done }
  }

  /** Takes work in until it is done. @throws WeftError 429 `too_many_waiting` */
  add(work: Work): void {
    this.#admit(() => this.#admission.check(this.#queue, work))
    this.#enqueue(work)
  }

  /**
   * What a request does with its texts, each of which comes to `run` or `add`: at once where they are few, and where they are many when the lists before it
   * have been read.
   * @throws WeftError 429 `too_many_waiting`
   */
  async read<T>(asker: Asker, texts: TextsRead, work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    const list = textListOf(asker, texts)
    if (!list) return work()
    this.#admit(() => this.#admission.checkList(this.#lists, list))
    return this.#lists.run(list, work, signal)
  }

  /** One run of so many tokens, when its turn comes; aborted in line, it is never begun. Admission is its request's (`read`), which may have many. */
  run<T>(asker: Asker, tokens: number, run: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    const work = new SingleRun(asker, tokens, run, signal)
    this.#enqueue(work)
    return work.result
  }

  /** When nothing waits and nothing decodes. */
  async idle(): Promise<void> {
    while (this.#isRunning) await this.#running
  }

  #admit(check: () => void): void {
    try {
      check()
    } catch (error) {
      this.#done.refused++
      throw error
    }
  }

  #enqueue(work: Work): void {
    this.#queue.add(work)
    if (this.#isRunning) return
    this.#isRunning = true
    this.#running = this.#run()
  }

  async #run(): Promise<void> {
    for (;;) {
      const start = performance.now()
      const [read, decoded] = [await this.#read(), await this.#decode()]
      const tokens = read + decoded
      this.#done.readTokens += read
      this.#done.decodedTokens += decoded
      if (tokens > 0) this.#done.steps++
      this.#admission.observe(tokens, performance.now() - start)
      this.#lists.observe(read)
      if (this.#queue.size === 0 && (this.#batch?.size ?? 0) === 0) break
      if (tokens === 0) await setImmediate()
    }
    this.#queue.settle()
    this.#batch?.rest()
    // In the same turn as the last look at the queue: what comes next starts anew.
    this.#isRunning = false
  }

  /** Pieces of work, to the end of the budget. */
  async #read(): Promise<number> {
    const budget = Math.max(FEWEST, this.#options.prefillChunk - (this.#batch?.size ?? 0))
    let read = 0
    let spent = 0
    while (spent < budget) {
      const work = this.#queue.next()
      if (!work) break
      const tokens = await work.run(budget - spent)
      this.#queue.charge(work.asker, tokens)
      // What costs next to nothing still takes its turn.
      spent += Math.max(1, tokens)
      read += tokens
    }
    return read
  }

  async #decode(): Promise<number> {
    if (!this.#batch || this.#batch.size === 0) return 0
    const served = await this.#batch.decode()
    for (const asker of served) this.#queue.charge(asker, 1)
    return served.length
  }
}
