/** Where the JSON object of a call's arguments ends, in a text that comes in pieces. */
export class ArgumentsEnd {
  #depth = 0
  #inString = false
  #escaped = false
  #ended = false

  /** Whether its first bracket was read. */
  get begun(): boolean {
    return this.#ended || this.#depth > 0
  }

  /** Whether its last one was. */
  get ended(): boolean {
    return this.#ended
  }

  /** How many characters of a piece belong to the object. */
  read(piece: string): number {
    for (let i = 0; i < piece.length; i++) {
      const character = piece[i]
      if (this.#inString) {
        if (this.#escaped) this.#escaped = false
        else if (character === '\\') this.#escaped = true
        else if (character === '"') this.#inString = false
      } else if (character === '"') this.#inString = true
      else if (character === '{' || character === '[') this.#depth++
      else if ((character === '}' || character === ']') && --this.#depth <= 0) {
        this.#ended = true
        return i + 1
      }
    }
    return piece.length
  }
}
