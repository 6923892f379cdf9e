import { Alarm } from './alarm.ts'
import type { HostedRows } from './hosted-rows.ts'
import { InOrder } from './in-order.ts'

/** One thing that is hosted, in this process. */
export interface Hosted<T> {
  subject: T
  alarm: Alarm
  /** Questions under way, and answers that go on. */
  asked: number
}

/** What opening one of them is given. */
export interface Opening<S> {
  id: string
  state: S | undefined
  writeState(state: S): Promise<void>
  alarm(): Promise<number | null>
  setAlarm(at: number): Promise<void>
}

/** Jobs, or batches, of this process: each is opened when it is first asked for, and forgotten when nothing of it is left to be done. */
export class Hosts<T, S> {
  readonly #rows: HostedRows
  readonly #open: (opening: Opening<S>) => Promise<T>
  readonly #step: (subject: T) => Promise<void>
  readonly #hosted = new Map<string, Promise<Hosted<T>>>()
  #stopped = false

  constructor(rows: HostedRows, { open, step }: { open: (opening: Opening<S>) => Promise<T>; step: (subject: T) => Promise<void> }) {
    this.#rows = rows
    this.#open = open
    this.#step = step
  }

  /** Goes on with what an earlier process has left. */
  async start(): Promise<void> {
    for (const id of await this.#rows.left()) await this.#with(id, ({ alarm }) => alarm.set(Date.now()))
  }

  /** Takes no further step; through once those under way are. */
  async stop(): Promise<void> {
    this.#stopped = true
    for (const hosted of this.#hosted.values()) await (await hosted).alarm.stop()
  }

  /** Asks one; it is held in memory while it has something to do. */
  ask<A>(id: string, question: (subject: T) => A | Promise<A>): Promise<A> {
    return this.#with(id, ({ subject }) => question(subject))
  }

  /**
   * Asks one for an answer that goes on telling of it: it is held in memory until `through` is called, since of another that is opened meanwhile the
   * answer would hear nothing.
   */
  askForNews<A>(id: string, question: (subject: T, through: () => void) => A | Promise<A>): Promise<A> {
    return this.#with(id, async (hosted) => {
      let told = true
      hosted.asked++
      const through = (): void => {
        if (!told) return
        told = false
        hosted.asked--
        this.#forget(id, hosted)
      }
      try {
        return await question(hosted.subject, through)
      } catch (error) {
        through()
        throw error
      }
    })
  }

  async #with<A>(id: string, use: (hosted: Hosted<T>) => A | Promise<A>): Promise<A> {
    const hosting = this.#hosting(id)
    const hosted = await hosting
    // Forgotten while it was waited for: whoever asks next would open a second one beside it.
    if (this.#hosted.get(id) !== hosting) return this.#with(id, use)
    hosted.asked++
    try {
      return await use(hosted)
    } finally {
      hosted.asked--
      this.#forget(id, hosted)
    }
  }

  #forget(id: string, { alarm, asked }: Hosted<T>): void {
    if (alarm.due === null && !alarm.ringing && asked === 0) this.#hosted.delete(id)
  }

  #hosting(id: string): Promise<Hosted<T>> {
    let hosted = this.#hosted.get(id)
    if (!hosted) {
      hosted = this.#opened(id)
      this.#hosted.set(id, hosted)
      hosted.catch(() => this.#hosted.delete(id))
    }
    return hosted
  }

  async #opened(id: string): Promise<Hosted<T>> {
    const rows = this.#rows
    const writes = new InOrder()
    let isOpen = false
    const alarm = new Alarm(
      () => this.#step(subject),
      async () => {
        await writes.run(() => rows.close(id))
        isOpen = false
      },
      () => this.#forget(id, hosted),
    )
    if (this.#stopped) await alarm.stop()
    const subject: T = await this.#open({
      id,
      state: await rows.read<S>(id),
      writeState(state) {
        // As it is now: it may change while others are written.
        const json = JSON.stringify(state)
        isOpen = true
        return writes.run(() => rows.write(id, json))
      },
      alarm: async () => alarm.due,
      async setAlarm(at) {
        if (!isOpen) await writes.run(() => rows.open(id))
        isOpen = true
        alarm.set(at)
      },
    })
    const hosted: Hosted<T> = { subject, alarm, asked: 0 }
    return hosted
  }
}
