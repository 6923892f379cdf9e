import type { GenerateEvent, Prompt, Usage } from '@weft/protocol'

/** What one request did cost. Times in milliseconds. */
export interface Cost {
  promptTokens: number
  completionTokens: number
  /** From the request to the last token. */
  totalMs: number
  /** From the request to the first token, where tokens were streamed. */
  firstTokenMs?: number
  /** What broke a stream off, though its reader was still there. */
  failure?: unknown
}

/** Characters of a token, as OpenAI guesses them where nobody has counted. */
const CHARACTERS = 4
export const guessTokens = (characters: number): number => Math.ceil(characters / CHARACTERS)

/** How an answer that comes as a whole is counted. */
interface Whole<T> {
  /** Tokens of what is read. */
  guess: number
  usageOf(answer: T): Pick<Usage, 'promptTokens' | 'completionTokens'>
  /** Whose tokens they are, where several answers may share it. */
  prompt?: object
}

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
  #failure: unknown
  /** A stream that broke off before anything of it came: what it was asked for, and the tokens that were guessed of that. */
  #unbegun: { failure: unknown; prompt: object; guess: number } | undefined
  /** What answers that come as a whole, and have not come yet, are read for. */
  #reading = 0
  #asked = false

  /** Resolves when the request has ended, however. */
  get ended(): Promise<Cost> {
    return this.#ended.promise
  }

  /**
   * The same answer, which comes as a whole. Until it is there what it reads is guessed, and that is the cost where nobody waits for it any more: how far
   * the runner came until it was told to stop, nobody says. An answer that the runner refuses has cost nothing.
   */
  async whole<T>(answer: Promise<T>, { guess, usageOf, prompt }: Whole<T>): Promise<T> {
    const isShared = prompt !== undefined && this.#prompts.has(prompt)
    const reading = isShared ? 0 : guess
    if (prompt) this.#prompts.add(prompt)
    this.#reading += reading
    try {
      const come = await answer
      const { promptTokens, completionTokens } = usageOf(come)
      if (!isShared) this.#promptTokens += promptTokens
      this.#completionTokens += completionTokens
      return come
    } catch (error) {
      if (prompt && !isShared) this.#prompts.delete(prompt)
      throw error
    } finally {
      this.#reading -= reading
    }
  }

  /** The same events. What a stream that breaks off did cost is what came of it. */
  counting(events: AsyncIterable<GenerateEvent>, prompt: Prompt): AsyncGenerator<GenerateEvent> {
    // At once, and not when the first is read: until then it would seem that nothing is left to count.
    this.#streams++
    // Another runner is asked in the place of one that has given nothing, and that costs nothing and is no failure.
    if (this.#unbegun) {
      const { prompt: asked, guess } = this.#unbegun
      this.#promptTokens -= guess
      if (guess > 0) this.#prompts.delete(asked)
      this.#unbegun = undefined
    }
    return this.#counted(events, prompt)
  }

  async *#counted(events: AsyncIterable<GenerateEvent>, prompt: Prompt): AsyncGenerator<GenerateEvent> {
    // Counted as they come, since nobody knows when a reader leaves; what the runner says in the end takes the place of the guess.
    const guess = this.#prompts.has(prompt) ? 0 : guessTokens(JSON.stringify(prompt).length)
    this.#prompts.add(prompt)
    this.#promptTokens += guess
    let tokens = 0
    let hasBegun = false
    try {
      for await (const event of events) {
        hasBegun = true
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
    } catch (error) {
      if (hasBegun) this.#failure ??= error
      else this.#unbegun ??= { failure: error, prompt, guess }
      throw error
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

  /** It failed, or nobody waits any more. @param failure where somebody would have waited */
  stop(failure?: unknown): void {
    this.#failure ??= failure
    this.#end()
  }

  #endIfDone(): void {
    if (this.#asked && this.#streams === 0) this.#end()
  }

  #end(): void {
    const failure = this.#failure ?? this.#unbegun?.failure
    this.#ended.resolve({
      promptTokens: this.#promptTokens + this.#reading,
      completionTokens: this.#completionTokens,
      totalMs: Date.now() - this.#startedAt,
      ...(this.#firstTokenMs === undefined ? {} : { firstTokenMs: this.#firstTokenMs }),
      ...(failure === undefined ? {} : { failure }),
    })
  }
}
