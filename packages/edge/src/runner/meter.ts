import type { GenerateEvent, Prompt, Usage } from '@weft/protocol'

/** What one request did cost. Times in milliseconds. */
export interface Cost {
  promptTokens: number
  completionTokens: number
  /** From the request to the last token. */
  totalMs: number
  /** From the request to the first token, where tokens were streamed. */
  firstTokenMs?: number
}

/** Characters of a token, as OpenAI guesses them where nobody has counted. */
const CHARACTERS = 4
export const guessTokens = (characters: number): number => Math.ceil(characters / CHARACTERS)

/** Counts what a request costs while it is answered, a stream that its reader leaves included. */
export class Meter {
  readonly #startedAt = Date.now()
  readonly #ended = Promise.withResolvers<Cost>()
  /** A prompt counts once, however many answers it gets. */
  readonly #prompts = new WeakSet<object>()
  #promptTokens = 0
  #completionTokens = 0
  #firstTokenMs: number | undefined
  #streams = 0
  #asked = false

  /** Resolves when the request has ended, however. */
  get ended(): Promise<Cost> {
    return this.#ended.promise
  }

  /** @param prompt whose tokens they are, where several answers may share it */
  count({ promptTokens, completionTokens }: Pick<Usage, 'promptTokens' | 'completionTokens'>, prompt?: object): void {
    if (!prompt || !this.#prompts.has(prompt)) this.#promptTokens += promptTokens
    if (prompt) this.#prompts.add(prompt)
    this.#completionTokens += completionTokens
  }

  /** The same events. What a stream that breaks off did cost is what came of it. */
  counting(events: AsyncIterable<GenerateEvent>, prompt: Prompt): AsyncGenerator<GenerateEvent> {
    // At once, and not when the first is read: until then it would seem that nothing is left to count.
    this.#streams++
    return this.#counted(events, prompt)
  }

  async *#counted(events: AsyncIterable<GenerateEvent>, prompt: Prompt): AsyncGenerator<GenerateEvent> {
    // Counted as they come, since nobody knows when a reader leaves; what the runner says in the end takes the place of the guess.
    const guess = this.#prompts.has(prompt) ? 0 : guessTokens(JSON.stringify(prompt).length)
    this.#prompts.add(prompt)
    this.#promptTokens += guess
    let tokens = 0
    try {
      for await (const event of events) {
        if ('finishReason' in event) {
          if (guess > 0) this.#promptTokens += event.usage.promptTokens - guess
          this.#completionTokens += event.usage.completionTokens - tokens
        } else {
          tokens++
          this.#completionTokens++
          this.#firstTokenMs ??= Date.now() - this.#startedAt
        }
        yield event
      }
    } finally {
      this.#streams--
      this.#endIfDone()
    }
  }

  /** Everything has been asked: it ends with the last stream. */
  asked(): void {
    this.#asked = true
    this.#endIfDone()
  }

  /** It failed, or nobody waits any more. */
  stop(): void {
    this.#end()
  }

  #endIfDone(): void {
    if (this.#asked && this.#streams === 0) this.#end()
  }

  #end(): void {
    this.#ended.resolve({
      promptTokens: this.#promptTokens,
      completionTokens: this.#completionTokens,
      totalMs: Date.now() - this.#startedAt,
      ...(this.#firstTokenMs === undefined ? {} : { firstTokenMs: this.#firstTokenMs }),
    })
  }
}
