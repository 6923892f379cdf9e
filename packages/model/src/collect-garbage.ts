/** Less garbage than this, in bytes, goes when V8 sees fit. */
const WORTH = 32 * 1024 * 1024

/**
 * Does `work`, and gives the heap's memory back to the system at once where it grew by much: V8 keeps what reading a vocabulary of 50,000 tokens leaves,
 * 60 to 90 MB, for many seconds and as room to grow into, just when weights and sessions come on top.
 */
export async function collectingGarbage<T>(work: () => Promise<T>): Promise<T> {
  const before = process.memoryUsage().heapTotal
  const result = await work()
  if (process.memoryUsage().heapTotal - before > WORTH) await collectGarbage()
  return result
}

/** Gives what the heap does not use back to the system, and array buffers that nobody holds. It holds up the process for a tenth of a second. */
export async function collectGarbage(): Promise<void> {
  if (!process.features.inspector) return
  const { Session } = await import('node:inspector/promises')
  const session = new Session()
  session.connect()
  // The one call of Node's that collects as if memory were low: a plain collection keeps the pages.
  await session.post('HeapProfiler.collectGarbage').finally(() => session.disconnect())
}
