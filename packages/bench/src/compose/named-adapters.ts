import { type LoadedAdapter, operandLevel } from '@weft/adapters'
import { asksBase } from '@weft/inference/sampling/combine-outputs'
import type { LoadedModel } from '@weft/model'
import { placedExpression } from '@weft/training/regularize/expression'
import { type FrozenContext, noContext } from '@weft/training/regularize/frozen-context'
import type { BenchComposeOptions } from './options.ts'
import type { Asked } from './scorer.ts'

/** Compositions of named adapters. Each adapter alone is one context, whatever composition it stands in, so that it is read once for all of them. */
export class NamedAdapters {
  readonly #adapters: Readonly<Record<string, LoadedAdapter>>
  readonly #model: LoadedModel
  readonly #alone = new Map<string, FrozenContext>()

  constructor(adapters: Readonly<Record<string, LoadedAdapter>>, model: LoadedModel) {
    this.#adapters = adapters
    this.#model = model
  }

  /** @param names none for the base */
  composed(names: readonly string[], operator: BenchComposeOptions['operator']): Asked {
    if (names.length === 0) return { contexts: [noContext] }
    if (names.length === 1) return { contexts: [this.#contextOf(names[0])] }
    if (operator === 'sum') return { contexts: [this.#sum(names)] }
    const weight = operator === 'ensemble' ? 1 / names.length : 1
    return this.#atOutput(
      operator,
      names.map((name) => [name, weight]),
    )
  }

  /** The adapter beside a text: behind it in the sequence (`sum`), or each answering for itself. */
  besideText(text: string, name: string, operator: BenchComposeOptions['operator']): Asked {
    const written = JSON.stringify(text)
    const placed = (expression: string): FrozenContext => ({
      before: [placedExpression(expression, new Map([['operand', this.#adapters[name]]]), this.#model)],
      after: [],
    })
    if (operator === 'sum') return { contexts: [placed(`${written} + operand`)] }
    const weight = operator === 'ensemble' ? 1 / 2 : 1
    return {
      contexts: [...(asksBase(operator) ? [noContext] : []), placed(written), this.#contextOf(name)],
      // What nobody trained has no level.
      combination: { operator, operands: [{ weight }, { weight, level: this.#levelOf(name) }] },
    }
  }

  /** As `auto(…)` is resolved: one as it is, several as experts. @param strengths none for the base */
  withStrengths(strengths: Readonly<Record<string, number>>): Asked {
    const all = Object.entries(strengths)
    return all.length === 0 || (all.length === 1 && all[0][1] === 1) ? this.composed(Object.keys(strengths), 'experts') : this.#atOutput('experts', all)
  }

  #atOutput(operator: 'experts' | 'product' | 'ensemble', all: readonly [name: string, weight: number][]): Asked {
    return {
      contexts: [...(asksBase(operator) ? [noContext] : []), ...all.map(([name]) => this.#contextOf(name))],
      combination: { operator, operands: all.map(([name, weight]) => ({ weight, level: this.#levelOf(name) })) },
    }
  }

  #contextOf(name: string): FrozenContext {
    const known = this.#alone.get(name) ?? this.#sum([name])
    this.#alone.set(name, known)
    return known
  }

  /** A task may be called what an expression reads otherwise ("base"): adapters go by their places. */
  #sum(names: readonly string[]): FrozenContext {
    const byPlace = names.map((name, i): [string, LoadedAdapter] => [`operand${i}`, this.#adapters[name]])
    return { before: [placedExpression(byPlace.map(([name]) => name).join(' + '), new Map(byPlace), this.#model)], after: [] }
  }

  #levelOf(name: string): number | undefined {
    const { digest, manifest } = this.#adapters[name]
    return operandLevel([{ kind: 'adapter', weight: 1, ref: name, digest }], () => manifest)
  }
}
