import { type HeldModel, longestProbe, type Probe } from '@weft/protocol'
import { probesDigest } from '../probes/probe-bytes.ts'
import type { Caller } from '../runner/caller.ts'
import type { Inference } from '../runner/inference.ts'
import type { AdapterVersion } from '../stores/adapter-names.ts'
import type { TenantStores } from '../stores/tenant-stores.ts'

/** What adapters are asked, by the digest of each set of probes. Those of another tenant have none here. */
export type ProbeSets = ReadonlyMap<string, readonly Probe[]>

export async function probesOf({ tenant, probes }: Pick<TenantStores, 'tenant' | 'probes'>, adapters: readonly AdapterVersion[]): Promise<ProbeSets> {
  const found = await probes.get(adapters.filter((adapter) => adapter.tenant === tenant).map(({ digest }) => digest))
  return new Map(await Promise.all([...found.values()].map(async (given) => [await probesDigest(given), given] as const)))
}

/** The base model's vectors of probes and of texts. Those of probes are kept. */
export interface ProbeVectors {
  /** @param length characters of a text at most: `comparedLength` */
  ofProbes(base: HeldModel, sets: ProbeSets, length: number, caller?: Caller | undefined): Promise<number[][]>
  ofTexts(base: HeldModel, texts: readonly string[], caller?: Caller | undefined): Promise<number[][]>
}

/** Characters below which no two lengths differ. */
const SHORTEST = 16

/** Adapters whose vectors an isolate keeps: 64 vectors each, a megabyte where states are 4096 wide. */
const kept = 32

export const probeVectors = (inference: Inference): ProbeVectors => {
  const held = new Map<string, number[][]>()

  const ofTexts: ProbeVectors['ofTexts'] = async (base, texts, caller) => {
    const { results } = await inference.embed({ model: base.name, composition: null, inputs: [...texts], truncate: true, pooling: 'mean' }, caller)
    return results.map(({ embedding }) => embedding)
  }

  return {
    ofTexts,
    async ofProbes(base, sets, length, caller) {
      const vectors: number[][] = []
      for (const [digest, given] of sets) {
        // Probes say themselves what they are: those of another tenant, if they are the same, have the same vectors.
        const key = `${base.fingerprint} ${digest} ${length}`
        const asked = given.map((probe) => textOf(probe, length))
        const known = held.get(key) ?? (await ofTexts(base, asked, caller))
        held.delete(key)
        held.set(key, known)
        const oldest = held.keys().next().value
        if (held.size > kept && oldest !== undefined) held.delete(oldest)
        vectors.push(...known)
      }
      return vectors
    },
  }
}

/**
 * How much of texts is compared with a request of so many characters: the next power of two. Whoever wants a text gone on with asks with its beginning, and the
 * mean over a few tokens lies elsewhere than that over hundreds. Questions are asked whole; where there are no texts, length is nothing to go by.
 */
export function comparedLength(request: number, operands: readonly ProbeSets[]): number {
  const texts = operands.flatMap((sets) => [...sets.values()].flat().flatMap((probe) => ('text' in probe ? [probe.text.length] : [])))
  const length = Math.max(SHORTEST, 2 ** Math.ceil(Math.log2(request)))
  // What cuts nothing is one length.
  return length < Math.max(0, ...texts) ? length : longestProbe
}

/** A probe in words, as a request's are read. */
const textOf = (probe: Probe, length: number): string => {
  if ('text' in probe) return probe.text.slice(0, length)
  if ('prompt' in probe) return probe.prompt
  return 'tokens' in probe ? probe.tokens.join(' ') : probe.messages.map(({ content }) => content).join('\n')
}
