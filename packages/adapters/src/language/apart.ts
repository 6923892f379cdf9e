import { operandsAlike, operandsOfOneAdapter } from '../errors.ts'
import type { Canonical, CanonicalTerm } from './canonical-form.ts'
import type { OutputOperator } from './expression.ts'

interface Operand {
  weight: number
  composition: Canonical
  /** By the names that people gave. */
  named: string
  offset: number | undefined
}

/**
 * Refuses an operand that stands there twice, which would double it: a strength says so openly. Two versions of one adapter are two operands, whose
 * contrast (`product`) or mean (`ensemble`) may be meant; experts of them are as loud as each other on the same requests, and which of them writes a token is chance.
 * Error 400 `operands_alike`.
 */
export function checkApart(operator: OutputOperator, operands: readonly Operand[]): void {
  for (const [n, one] of operands.entries())
    for (const other of operands.slice(n + 1)) {
      if (one.composition.text === other.composition.text) throw operandsAlike(operator, bracketed(other), one.weight + other.weight, other.offset)
      const [first, second] = operator === 'experts' ? versionsApart(one.composition.terms, other.composition.terms) : []
      if (first !== undefined && second !== undefined) throw operandsOfOneAdapter(operator, first, second, other.offset)
    }
}

/** As a strength takes it. */
const bracketed = ({ composition: { terms }, named }: Operand): string => (terms.length > 1 || terms[0].weight !== 1 ? `(${named})` : named)

/** Versions of one adapter, of which either operand names another. */
function versionsApart(one: readonly CanonicalTerm[], other: readonly CanonicalTerm[]): [string, string] | [] {
  const known = new Map(adaptersOf(one).map((adapter) => [nameOf(adapter), adapter]))
  for (const adapter of adaptersOf(other)) {
    const same = known.get(nameOf(adapter))
    if (same && same.digest !== adapter.digest) return [same.ref, adapter.ref]
  }
  return []
}

const nameOf = ({ ref }: { ref: string }): string => ref.split('@', 1)[0]

const adaptersOf = (terms: readonly CanonicalTerm[]): { ref: string; digest: string }[] =>
  terms.flatMap((term) => (term.kind === 'adapter' ? [term] : term.kind === 'mix' ? term.args.flatMap((arg) => adaptersOf(arg.terms)) : []))
