import { Mutex } from 'async-mutex'
import { deviceBusy } from '../errors.ts'
import type { Device } from './device.ts'

/**
 * Who may enter a device. WebGPU's provider is not safe to enter from two threads: all sessions share one command encoder
 * and one pool of buffers. Asynchronous work waits in line for its mutex; what cannot wait is refused while it is held.
 */
export interface DeviceMutex {
  /** Runs `work` when everything asked for before is done. */
  runExclusive<T>(work: () => Promise<T>): Promise<T>
  /** Runs `work` at once. @throws OrtError `device_busy` while the device is held */
  runNow<T>(what: string, work: () => T): T
  /** Runs `work` at once when the device is free, else between two runs: for giving native objects back. */
  release(work: () => void): void
  /** Settles when nothing runs or waits. */
  idle(): Promise<void>
}

class ExclusiveDevice implements DeviceMutex {
  readonly #device: Device
  readonly #mutex = new Mutex()
  readonly #releases: (() => void)[] = []

  constructor(device: Device) {
    this.#device = device
  }

  async runExclusive<T>(work: () => Promise<T>): Promise<T> {
    const unlock = await this.#mutex.acquire()
    try {
      return await work()
    } finally {
      // In one go with the unlocking: nothing can be added in between and be forgotten.
      for (const release of this.#releases.splice(0)) release()
      unlock()
    }
  }

  runNow<T>(what: string, work: () => T): T {
    if (this.#mutex.isLocked()) throw deviceBusy(this.#device, what)
    return work()
  }

  release(work: () => void): void {
    if (this.#mutex.isLocked()) this.#releases.push(work)
    else work()
  }

  idle(): Promise<void> {
    return this.#mutex.waitForUnlock()
  }
}

/** For devices that may be entered from any thread. */
const concurrent: DeviceMutex = {
  runExclusive: (work) => work(),
  runNow: (_, work) => work(),
  release: (work) => work(),
  idle: async () => {},
}

// A device belongs to the process, not to a runtime.
const webgpu = new ExclusiveDevice('webgpu')

export const mutexOf = (device: Device): DeviceMutex => (device === 'webgpu' ? webgpu : concurrent)
