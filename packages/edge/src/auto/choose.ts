import { type Auto, adapterRefs, type Expression, print } from '@weft/adapters'
import { strengthOf } from '@weft/adapters/language/spelling'
import { type AutoChoice, chooseOperands, type HeldModel } from '@weft/protocol'
import type { Caller } from '../runner/caller.ts'
import type { AdapterVersion } from '../stores/adapter-names.ts'
import type { TenantStores } from '../stores/tenant-stores.ts'
import { autoNeedsText, autoWithoutProbes } from './errors.ts'
import type { ProbeVectors } from './probe-vectors.ts'

/** What acts for one request: null where the base model answers alone. */
export interface Chosen {
  expression: Expression | null
  /** For the answer. */
  choice: AutoChoice
}

interface Asked {
  base: HeldModel
  stores: Pick<TenantStores, 'tenant' | 'probes'>
  /** What every reference stands for, as printed. */
  found: ReadonlyMap<string, AdapterVersion>
  /** What is asked. */
  texts: readonly string[]
  caller?: Caller | undefined
}

export type ChooseOperandsOf = (auto: Auto, asked: Asked) => Promise<Chosen>

/** Texts of one request that are looked at. */
const mostTexts = 8

/**
 * Which operands of `auto(…)` act on a request, and how strongly: one alone, several as `experts(…)`, or none. Errors: 400 `auto_needs_text`,
 * 409 `auto_without_probes`, and those of the runner.
 */
export const chooseOperandsOf =
  (vectors: ProbeVectors): ChooseOperandsOf =>
  async (auto, { base, stores, found, texts, caller }) => {
    if (texts.length === 0) throw autoNeedsText()
    const operands = auto.terms.map((term) => ({ ...strengthOf(term), written: print(term) }))
    const probes = await Promise.all(
      operands.map(async ({ of, written }) => {
        const adapters = adapterRefs(of).map((ref) => found.get(print(ref))!)
        const held = await vectors.ofAdapters(base, stores, adapters, caller)
        if (held.length === 0)
          throw autoWithoutProbes(
            written,
            adapters.map(({ name, version }) => `${name}@${version}`),
          )
        return held
      }),
    )
    const { scores, strengths } = chooseOperands(await vectors.ofTexts(base, texts.slice(0, mostTexts), caller), probes)
    const acting = operands.flatMap(({ weight, of }, i) => {
      const strength = weight * strengths[i]!
      return strength === 0 ? [] : [strength === 1 ? of : ({ kind: 'scale', weight: strength, of } as const)]
    })
    const expression: Expression | null = acting.length > 1 ? { kind: 'experts', terms: acting } : (acting[0] ?? null)
    const each = operands.map(({ written }, i) => ({ operand: written, score: scores[i]!, strength: operands[i]!.weight * strengths[i]! }))
    return { expression, choice: { expression: expression ? print(expression) : 'base', operands: each } }
  }
