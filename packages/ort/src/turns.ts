import type { Device } from './device.ts'
import { deviceBusy } from './errors.ts'

/**
 * One at a time, for a device whose provider is not safe to enter from two threads. WebGPU's is such: all sessions share
 * one command encoder and one pool of buffers. Asynchronous work queues up; what cannot wait is refused while work is under way.
 */
export class Turns {
  readonly #device: Device
  #last: Promise<unknown> = Promise.resolve()
  #under = 0
  #afterwards: (() => void)[] = []

  constructor(device: Device) {
    this.#device = device
  }

  async take<T>(work: () => Promise<T>): Promise<T> {
    this.#under++
    const turn = this.#last.then(work).finally(() => this.#end())
    this.#last = turn.catch(() => {})
    return turn
  }

  /** @throws OrtError `device_busy` */
  now<T>(what: string, work: () => T): T {
    if (this.#under > 0) throw deviceBusy(this.#device, what)
    return work()
  }

  /** At once, or when nothing is under way any more. */
  later(work: () => void) {
    if (this.#under > 0) this.#afterwards.push(work)
    else work()
  }

  /** Settles when everything asked for so far is done. */
  async idle(): Promise<void> {
    await this.#last
  }

  #end() {
    if (--this.#under > 0) return
    for (const work of this.#afterwards.splice(0)) work()
  }
}

/** For devices that may be entered from any thread. */
export const freely: Pick<Turns, keyof Turns> = {
  take: (work) => work(),
  now: (_, work) => work(),
  later: (work) => work(),
  idle: async () => {},
}

// A device belongs to the process, not to a runtime.
const webgpu = new Turns('webgpu')

export const turnsOf = (device: Device): Pick<Turns, keyof Turns> => (device === 'webgpu' ? webgpu : freely)
