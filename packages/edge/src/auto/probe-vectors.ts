import { everydayRequests, fewTexts, type HeldModel, type Probe, probeWords } from '@weft/protocol'
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

/** The base model's vectors of probes, of everyday requests and of texts. All but the last are kept. */
export interface ProbeVectors {
  /** @param length characters of a text at most: `comparedLength` */
  ofProbes(base: HeldModel, sets: ProbeSets, length: number, caller?: Caller | undefined): Promise<number[][]>
  ofEveryday(base: HeldModel, caller?: Caller | undefined): Promise<number[][]>
  ofTexts(base: HeldModel, texts: readonly string[], caller?: Caller | undefined): Promise<number[][]>
}

/** Adapters whose vectors an isolate keeps: 64 vectors each, a megabyte where states are 4096 wide. */
const kept = 32

export const probeVectors = (inference: Inference): ProbeVectors => {
  const held = new Map<string, number[][]>()

  const ofTexts: ProbeVectors['ofTexts'] = async (base, texts, caller) => {
    const vectors: number[][] = []
    // More at once would wait behind its tenant's lists, and who asks for an answer with it.
    for (let at = 0; at < texts.length; at += fewTexts) {
      const inputs = texts.slice(at, at + fewTexts)
      const { results } = await inference.embed({ model: base.name, composition: null, inputs, truncate: true, pooling: 'mean' }, caller)
      vectors.push(...results.map(({ embedding }) => embedding))
    }
    return vectors
  }

  const keptVectors = async (key: string, base: HeldModel, texts: readonly string[], caller: Caller | undefined): Promise<number[][]> => {
    const known = held.get(key) ?? (await ofTexts(base, texts, caller))
    held.delete(key)
    held.set(key, known)
    const oldest = held.keys().next().value
    if (held.size > kept && oldest !== undefined) held.delete(oldest)
    return known
  }

  return {
    ofTexts,
    ofEveryday: (base, caller) => keptVectors(`${base.fingerprint} everyday`, base, everydayRequests, caller),
    async ofProbes(base, sets, length, caller) {
      const vectors: number[][] = []
      for (const [digest, given] of sets) {
        // Probes say themselves what they are: those of another tenant, if they are the same, have the same vectors.
        const asked = given.map((probe) => probeWords(probe, length))
        // What no length cuts, such as questions, is asked once for all of them.
        const cut = given.some((probe) => 'text' in probe && probe.text.length > length)
        vectors.push(...(await keptVectors(`${base.fingerprint} ${digest} ${cut ? length : 'whole'}`, base, asked, caller)))
      }
      return vectors
    },
  }
}
