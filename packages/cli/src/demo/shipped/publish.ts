import type { WeftClient } from '@weft/client'
import { type Probe, probesOfRows, readRow } from '@weft/protocol'
import { type ShippedAdapter, trainingRows } from '@weft/smollm2-adapters'

/**
 * Publishes what comes along for the base model and is not there yet, with the probes of its training rows. Trains nothing.
 * @returns the names of what was published now
 */
export const publishShipped = async (
  weft: WeftClient,
  shipped: readonly ShippedAdapter[],
  { fingerprint, signal }: { fingerprint: string; signal: AbortSignal },
): Promise<string[]> => {
  const published = new Set((await weft.adapters.list()).filter(({ base }) => base.fingerprint === fingerprint).map(({ name }) => name))
  const missing = shipped.filter(({ name }) => !published.has(name))
  for (const adapter of missing) {
    signal.throwIfAborted()
    const { id } = await weft.adapters.publish(adapter.name, adapter.file)
    await weft.adapters.setProbes(id, probesOf(adapter))
  }
  return missing.map(({ name }) => name)
}

const probesOf = ({ task }: ShippedAdapter): Probe[] => probesOfRows(trainingRows(task(0)).map((row, i) => readRow(JSON.stringify(row), i + 1)))
