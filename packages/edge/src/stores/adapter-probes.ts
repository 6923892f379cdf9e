import type { Probe } from '@weft/protocol'

/** A tenant's probes, beside its adapters' files and under their digests. */
export interface AdapterProbes {
  /** What there is of these, by digest. */
  get(digests: readonly string[]): Promise<Map<string, Probe[]>>
  put(digest: string, probes: readonly Probe[]): Promise<void>
  /** Gives those of these of which there were any to delete. */
  delete(digests: readonly string[]): Promise<string[]>
}
