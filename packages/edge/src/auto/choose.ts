import { type Auto, adapterRefs, canonical, digestsOf, type Expression, print } from '@weft/adapters'
import { checkOperand } from '@weft/adapters/language/outputs'
import { strengthOf } from '@weft/adapters/language/spelling'
import { type AutoChoice, comparedLength, type HeldModel, type OperandChooser, operandChooser } from '@weft/protocol'
import { resolvedOf } from '../resolve/adapter-refs.ts'
import type { Caller } from '../runner/caller.ts'
import type { AdapterVersion } from '../stores/adapter-names.ts'
import type { TenantStores } from '../stores/tenant-stores.ts'
import type { AskedTexts } from './asked-texts.ts'
import { autoNeedsText, autoOperandsAlike, autoSeveralInputs, autoWithoutProbes } from './errors.ts'
import { type ProbeSets, type ProbeVectors, probesOf } from './probe-vectors.ts'

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
  /** What is asked; nothing where nobody said it. */
  words: AskedTexts | undefined
  caller?: Caller | undefined
  /** Through before a runner is asked anything; throws where none is to be. */
  before?: (() => Promise<unknown>) | undefined
}

export type ChooseOperandsOf = (auto: Auto, asked: Asked) => Promise<Chosen>

/** Choosers that an isolate keeps: each holds vectors of 256 probes and their products, up to nine megabytes where states are 4096 wide. */
const kept = 4

/**
 * Which operands of `auto(…)` act on a request, and how strongly: one alone, several as `experts(…)`, or none. Errors: 400 `auto_needs_text`, `auto_several_inputs`,
 * `outputs_operand` for what `experts(…)` refuses too, 409 `auto_without_probes`, `auto_operands_alike`, and those of the runner.
 */
export const chooseOperandsOf = (vectors: ProbeVectors): ChooseOperandsOf => {
  const choosers = new Map<string, OperandChooser>()
  const madeFor = async (base: HeldModel, sets: readonly ProbeSets[], length: number, caller: Caller | undefined): Promise<OperandChooser> => {
    const operands = Promise.all(sets.map((set) => vectors.ofProbes(base, set, length, caller)))
    return operandChooser(...(await Promise.all([operands, vectors.ofEveryday(base, caller)])))
  }
  /**
   * What tells the same operands apart again; kept once it is made. While it is, each request makes its own: what one waits for ends with it, at its deadline or when
   * its client leaves, and a Worker may not wait for another request's.
   */
  const chooserOf = async (base: HeldModel, sets: readonly ProbeSets[], length: number, caller: Caller | undefined): Promise<OperandChooser> => {
    const key = JSON.stringify([base.fingerprint, length, ...sets.map((set) => [...set.keys()])])
    const chooser = choosers.get(key) ?? (await madeFor(base, sets, length, caller))
    choosers.delete(key)
    choosers.set(key, chooser)
    const [oldest] = choosers.keys()
    if (choosers.size > kept && oldest !== undefined) choosers.delete(oldest)
    return chooser
  }
  return async (auto, { base, stores, found, words, caller, before }) => {
    const text = oneText(words)
    const operands = await Promise.all(
      auto.terms.map(async (term) => {
        const written = print(term)
        const { weight, of } = strengthOf(term)
        const adapters = adapterRefs(term).map((ref) => found.get(print(ref))!)
        const acting = digestsOf(canonical(of, resolvedOf(found)).terms)
        const sites = adapters.filter(({ digest }) => acting.includes(digest)).flatMap(({ manifest }) => manifest.sites)
        checkOperand('auto', { sites, named: written }, term.offset)
        const probes = await probesOf(stores, adapters)
        if (probes.size === 0)
          throw autoWithoutProbes(
            written,
            adapters.map(({ name, version }) => `${name}@${version}`),
          )
        return { weight, of, written, probes }
      }),
    )
    checkAlike(operands)
    const sets = operands.map((operand) => operand.probes)
    const length = comparedLength(
      text.length,
      sets.flatMap((set) => [...set.values()].flat()),
    )
    await before?.()
    const choose = await chooserOf(base, sets, length, caller)
    const { scores, strengths } = choose(await vectors.ofTexts(base, [text], caller))
    const acting = operands.flatMap(({ weight, of }, i) => {
      const strength = weight * strengths[i]!
      return strength === 0 ? [] : [strength === 1 ? of : ({ kind: 'scale', weight: strength, of } as const)]
    })
    const expression: Expression | null = acting.length > 1 ? { kind: 'experts', terms: acting } : (acting[0] ?? null)
    const each = operands.map(({ written }, i) => ({ operand: written, score: scores[i]!, strength: operands[i]!.weight * strengths[i]! }))
    return { expression, choice: { expression: expression ? print(expression) : 'base', operands: each } }
  }
}

/** What is chosen for one text must not depend on what it is sent with. */
function oneText({ field, texts }: AskedTexts = { field: 'input', texts: [] }): string {
  if (texts.length > 1) throw autoSeveralInputs(texts.length, field)
  const [text = ''] = texts
  if (text === '') throw autoNeedsText(field)
  return text
}

/** What is asked of one operand must not all be asked of another: then nothing tells them apart. */
function checkAlike(operands: readonly { written: string; probes: ReadonlyMap<string, unknown> }[]): void {
  for (const [n, one] of operands.entries())
    for (const other of operands.slice(n + 1)) {
      const [fewer, more] = one.probes.size <= other.probes.size ? [one, other] : [other, one]
      if ([...fewer.probes.keys()].every((digest) => more.probes.has(digest))) throw autoOperandsAlike(one.written, other.written)
    }
}
