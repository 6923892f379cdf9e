import { grammarTooLarge } from '../../errors.ts'
import { type Ranges, union } from '../ranges.ts'

/**
 * A language of byte strings, as an expression. Equal expressions are one object, so that a state of an automaton is known by its term
 * (Brzozowski 1964, "Derivatives of regular expressions"; Owens et al. 2009). Rules name expressions that hold themselves.
 */
export type Term =
  | { readonly id: number; readonly kind: 'nothing' }
  | { readonly id: number; readonly kind: 'empty' }
  /** Empty too, and a decision: an alternative that has come so far is the only one. */
  | { readonly id: number; readonly kind: 'cut' }
  | { readonly id: number; readonly kind: 'bytes'; readonly ranges: Ranges }
  | { readonly id: number; readonly kind: 'sequence'; readonly first: Term; readonly rest: Term }
  | { readonly id: number; readonly kind: 'choice'; readonly options: readonly Term[] }
  | { readonly id: number; readonly kind: 'repeat'; readonly of: Term; readonly least: number; readonly most: number }
  | { readonly id: number; readonly kind: 'rule'; readonly rule: Rule }

export interface Rule {
  readonly name: string
  body: Term | null
}

/** Alternatives of one place: each is followed at every byte. */
const MOST_OPTIONS = 2048

type Content<T = Term> = T extends Term ? Omit<T, 'id'> : never

/** More than there can be terms: two of their numbers are one number. */
const MOST_IDS = 2 ** 26
/** Bounds below this are part of such a number. */
const MOST_TIMES = 4096

/** About what a term takes beside its key, and of a choice each alternative. */
const TERM_BYTES = 320
const OPTION_BYTES = 8
/** Of a number that is no small one, as a key. */
const NUMBER_BYTES = 16

/** Makes terms, in a normal form: few different terms for one language, so that an automaton has few states. */
export class Terms {
  #known = new Map<string, Term>()
  /** By two numbers, those that are asked for most: to spell them out would take longer than all else. */
  #sequences = new Map<number, Term>()
  #repeats = new Map<number, Term>()
  #size = 0
  #memory = 0
  /** As many as there may be. What a person wrote has a few thousand; compiling so many takes a few tenths of a second. */
  most = 100_000
  /** How much work there may be. Terms alone do not bound it: a grammar of few different ones may ask for the same ones without end. */
  mostWork = 2_000_000
  /** Of more work than that. */
  tooMuchWork: () => Error = grammarTooLarge
  #work = 0
  readonly rules: Rule[] = []
  readonly nothing: Term = this.#unique('nothing', { kind: 'nothing' })
  readonly empty: Term = this.#unique('empty', { kind: 'empty' })
  readonly cut: Term = this.#unique('cut', { kind: 'cut' })

  get size(): number {
    return this.#size
  }

  /** About what they take, in bytes. */
  get memory(): number {
    return this.#memory
  }

  /** Work so far, in the time that it takes to ask for a term: each one that was asked for counts, made before or not. */
  get work(): number {
    return this.#work
  }

  /** Counts work that asks for no terms. @throws WeftError `tooMuchWork` */
  spend(work: number): void {
    this.#work += work
    if (this.#work > this.mostWork) throw this.tooMuchWork()
  }

  /** One byte of these ranges. */
  bytes(ranges: Ranges): Term {
    const merged = union(ranges)
    return merged.length === 0 ? this.nothing : this.#unique(`bytes ${merged.join(' ')}`, { kind: 'bytes', ranges: merged })
  }

  text(text: string): Term {
    return this.sequence(...[...new TextEncoder().encode(text)].map((byte) => this.bytes([[byte, byte]])))
  }

  /** One after another. */
  sequence(...parts: readonly Term[]): Term {
    return parts.reduceRight((rest, part) => this.#pair(part, rest), this.empty)
  }

  /** Any one of them. */
  choice(options: readonly Term[]): Term {
    const flat = new Map<number, Term>()
    const ranges: (readonly [number, number])[] = []
    const alternatives = options.flatMap((each) => (each.kind === 'choice' ? each.options : [each]))
    this.spend(alternatives.length / 8)
    for (const option of alternatives) {
      if (option.kind === 'bytes') ranges.push(...option.ranges)
      else if (option.kind !== 'nothing') flat.set(option.id, option)
    }
    const bytes = this.bytes(ranges)
    if (bytes.kind !== 'nothing') flat.set(bytes.id, bytes)
    const sorted = [...flat.values()].sort((a, b) => a.id - b.id)
    if (sorted.length > MOST_OPTIONS) throw grammarTooLarge()
    if (sorted.length <= 1) return sorted[0] ?? this.nothing
    return this.#unique(`choice ${sorted.map(({ id }) => id).join(' ')}`, { kind: 'choice', options: sorted })
  }

  optional(term: Term): Term {
    return this.choice([this.empty, term])
  }

  /** `least` to `most` of them, one after another. */
  repeat(of: Term, least = 0, most = Number.POSITIVE_INFINITY): Term {
    if (most === 0 || of.kind === 'empty') return this.empty
    if (of.kind === 'nothing') return least === 0 ? this.empty : this.nothing
    if (least === 1 && most === 1) return of
    const times = timesOf(least, most)
    const content = { kind: 'repeat', of, least, most } as const
    return times === undefined ? this.#unique(`repeat ${of.id} ${least} ${most}`, content) : this.#paired(this.#repeats, of.id, times, content)
  }

  /** A term that is given its body later, and may stand within it. */
  rule(name: string): { term: Term; rule: Rule } {
    const rule: Rule = { name, body: null }
    this.rules.push(rule)
    return { term: this.#unique(`rule ${this.rules.length}`, { kind: 'rule', rule }), rule }
  }

  /** What lets go of all terms that are made from here on; those of before are kept, as the same objects. */
  mark(): () => void {
    const { size, memory } = this
    return () => {
      this.#size = size
      for (const made of [this.#known, this.#sequences, this.#repeats]) forgetFrom<string | number>(made, size)
      this.#memory = memory
    }
  }

  #pair(first: Term, rest: Term): Term {
    if (first.kind === 'nothing' || rest.kind === 'nothing') return this.nothing
    if (first.kind === 'empty') return rest
    if (rest.kind === 'empty') return first
    if (first.kind === 'sequence') return this.#pair(first.first, this.#pair(first.rest, rest))
    return this.#paired(this.#sequences, first.id, rest.id, { kind: 'sequence', first, rest })
  }

  #paired(among: Map<number, Term>, one: number, other: number, content: Content): Term {
    this.spend(1)
    const key = one * MOST_IDS + other
    return among.get(key) ?? this.#made(among, key, content, NUMBER_BYTES)
  }

  #unique(key: string, content: Content): Term {
    this.spend(1)
    return this.#known.get(key) ?? this.#made(this.#known, key, content, key.length)
  }

  #made<K>(among: Map<K, Term>, key: K, content: Content, keyBytes: number): Term {
    if (this.#size >= this.most) throw grammarTooLarge()
    const term = { id: this.#size++, ...content } as Term
    among.set(key, term)
    this.#memory += TERM_BYTES + keyBytes + (term.kind === 'choice' ? OPTION_BYTES * term.options.length : 0)
    return term
  }
}

/** Terms of this number and later ones. */
function forgetFrom<K>(made: Map<K, Term>, id: number): void {
  for (const [key, term] of made) if (term.id >= id) made.delete(key)
}

/** The bounds of a repetition as one number; undefined where one is too large. */
const timesOf = (least: number, most: number): number | undefined => {
  const upTo = most === Number.POSITIVE_INFINITY ? MOST_TIMES : most
  return least < MOST_TIMES && (most < MOST_TIMES || upTo !== most) ? least * (MOST_TIMES + 1) + upTo : undefined
}
