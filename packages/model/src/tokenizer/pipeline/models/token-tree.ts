import { NONE, Pairs } from './pairs.ts'

/** Ids of tokens by their characters, one after another: whoever walks it knows as early as can be that no longer token begins so. */
export class TokenTree {
  readonly root = 0
  readonly #next = new Pairs()
  readonly #ids: number[] = [NONE]

  constructor(tokens: Iterable<readonly [token: string, id: number]>) {
    for (const [token, id] of tokens) this.#insert(token, id)
  }

  /** What stands behind a character, by its code point; `NONE` where no token goes on with it. */
  next(node: number, codePoint: number): number {
    return this.#next.get(node, codePoint)
  }

  /** The token that ends there, or `NONE`. */
  idAt(node: number): number {
    return this.#ids[node]
  }

  /** What stands behind a whole text. */
  behind(text: string): number {
    let node = this.root
    for (const character of text) {
      if (node === NONE) break
      node = this.next(node, character.codePointAt(0)!)
    }
    return node
  }

  #insert(token: string, id: number): void {
    let node = this.root
    for (const character of token) {
      const codePoint = character.codePointAt(0)!
      let next = this.next(node, codePoint)
      if (next === NONE) this.#next.set(node, codePoint, (next = this.#ids.push(NONE) - 1))
      node = next
    }
    this.#ids[node] = id
  }
}
