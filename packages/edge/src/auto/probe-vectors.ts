import type { HeldModel, Probe } from '@weft/protocol'
import { probesDigest } from '../probes/probe-bytes.ts'
import type { Caller } from '../runner/caller.ts'
import type { Inference } from '../runner/inference.ts'
import type { AdapterVersion } from '../stores/adapter-names.ts'
import type { TenantStores } from '../stores/tenant-stores.ts'

/** The base model's vectors of probes and of texts. Those of probes are kept. */
export interface ProbeVectors {
  /** None where these adapters carry no probes that the tenant has. */
  ofAdapters(
    base: HeldModel,
    stores: Pick<TenantStores, 'tenant' | 'probes'>,
    adapters: readonly AdapterVersion[],
    caller?: Caller | undefined,
  ): Promise<number[][]>
  ofTexts(base: HeldModel, texts: readonly string[], caller?: Caller | undefined): Promise<number[][]>
}

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
    async ofAdapters(base, { tenant, probes }, adapters, caller) {
      const own = adapters.filter((adapter) => adapter.tenant === tenant)
      const found = await probes.get(own.map(({ digest }) => digest))
      const vectors: number[][] = []
      for (const given of found.values()) {
        // Probes say themselves what they are: those of another tenant, if they are the same, have the same vectors.
        const key = `${base.fingerprint} ${await probesDigest(given)}`
        const known = held.get(key) ?? (await ofTexts(base, given.map(textOf), caller))
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

/** A probe in words, as a request's are read. */
const textOf = (probe: Probe): string => {
  if ('text' in probe) return probe.text
  if ('prompt' in probe) return probe.prompt
  return 'tokens' in probe ? probe.tokens.join(' ') : probe.messages.map(({ content }) => content).join('\n')
}
