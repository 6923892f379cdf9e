import type { Term, Terms } from '../../automaton/terms.ts'

/** Whole numbers from `low` to `high` that a divisor divides, digit by digit. No number has more digits than a double holds. */
export function multiples(terms: Terms, divisor: number, { low, high }: { low: number; high: number }): Term {
  const numerals = new Numerals(terms, divisor)
  const negative = low < 0 ? terms.sequence(terms.text('-'), numerals.between(Math.max(1, -high), -low)) : terms.nothing
  return terms.choice([negative, high < 0 ? terms.nothing : numerals.between(Math.max(0, low), high)])
}

/** What is left of a numeral: so many digits, that leave a remainder. */
class Numerals {
  readonly #terms: Terms
  readonly #divisor: number
  readonly #known = new Map<number, Term>()

  constructor(terms: Terms, divisor: number) {
    this.#terms = terms
    this.#divisor = divisor
  }

  /** Both 0 or more. */
  between(from: number, to: number): Term {
    const options: Term[] = []
    for (let length = String(from).length; length <= String(to).length; length++) {
      const [low, high] = [Math.max(from, length === 1 ? 0 : 10 ** (length - 1)), Math.min(to, 10 ** length - 1)]
      if (low <= high) options.push(this.#within(String(low), String(high), 0))
    }
    return this.#terms.choice(options)
  }

  /** Bounds of one length are followed to their ends; between them, what is left is any digits. */
  #within(low: string, high: string, remainder: number): Term {
    if (/^0*$/.test(low) && /^9*$/.test(high)) return this.#any(low.length, remainder)
    const length = low.length - 1
    const options: Term[] = []
    for (let digit = Number(low[0]); digit <= Number(high[0]); digit++) {
      const least = digit === Number(low[0]) ? low.slice(1) : '0'.repeat(length)
      const most = digit === Number(high[0]) ? high.slice(1) : '9'.repeat(length)
      options.push(this.#terms.sequence(this.#terms.text(String(digit)), this.#within(least, most, this.#behind(digit, length, remainder))))
    }
    return this.#terms.choice(options)
  }

  #any(length: number, remainder: number): Term {
    const { empty, nothing } = this.#terms
    if (length === 0) return remainder === 0 ? empty : nothing
    const key = length * this.#divisor + remainder
    const known = this.#known.get(key)
    if (known) return known
    const digits = new Map<number, [number, number][]>()
    for (let digit = 0; digit < 10; digit++) {
      const behind = this.#behind(digit, length - 1, remainder)
      const byte = 0x30 + digit
      digits.set(behind, [...(digits.get(behind) ?? []), [byte, byte]])
    }
    const term = this.#terms.choice([...digits].map(([behind, bytes]) => this.#terms.sequence(this.#terms.bytes(bytes), this.#any(length - 1, behind))))
    this.#known.set(key, term)
    return term
  }

  /** The remainder that is left to the digits behind this one. */
  #behind(digit: number, length: number, remainder: number): number {
    const taken = (digit * (10 ** length % this.#divisor)) % this.#divisor
    return (remainder - taken + this.#divisor) % this.#divisor
  }
}
