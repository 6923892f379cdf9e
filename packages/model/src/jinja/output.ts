/** From `start` to `end`, in UTF-16 units. */
export interface Span {
  start: number
  end: number
}

/** Text as it is written, and which of it the assistant is taken to have written. */
export class Output {
  readonly spans: Span[] = []
  /** Whether a `generation` block was written to a text that is used elsewhere: where it comes to stand is not known. */
  spansLost = false
  #text = ''
  readonly #outer: Output | null
  /** Names that each body of the template hides (`hiddenNames`). */
  readonly hidden: ReadonlyMap<unknown, readonly string[]>
  constructor(outer: Output | null, hidden: ReadonlyMap<unknown, readonly string[]> = outer?.hidden ?? new Map()) {
    this.#outer = outer
    this.hidden = hidden
  }
  get text(): string {
    return this.#text
  }
  write(text: string): void {
    this.#text += text
  }
  /** Marks what `write` writes. */
  mark(write: () => void): void {
    if (this.#outer) this.#root().spansLost = true
    const start = this.#text.length
    write()
    this.spans.push({ start, end: this.#text.length })
  }
  #root(): Output {
    return this.#outer ? this.#outer.#root() : this
  }
}
