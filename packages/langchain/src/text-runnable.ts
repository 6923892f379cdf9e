import { Runnable, type RunnableBatchOptions, type RunnableConfig } from '@langchain/core/runnables'
import { inputText, type TextInput } from './input-text.ts'

/** Texts of one request. */
const MOST = 256

/** What the edge says of texts, one by one. A list of them (`batch`) is one request for every 256. */
export abstract class TextRunnable<Output> extends Runnable<TextInput, Output> {
  /** @param texts at most 256 @returns one answer for each */
  protected abstract ask(texts: string[], options: { signal?: AbortSignal }): Promise<Output[]>

  async invoke(input: TextInput, config?: Partial<RunnableConfig>): Promise<Output> {
    return this._callWithConfig(async (one: TextInput, given?: Partial<RunnableConfig>) => (await this.#askAll([one], given))[0]!, input, config)
  }

  override batch(
    inputs: TextInput[],
    config?: Partial<RunnableConfig> | Partial<RunnableConfig>[],
    options?: RunnableBatchOptions & { returnExceptions?: false },
  ): Promise<Output[]>
  override batch(inputs: TextInput[], config?: Partial<RunnableConfig> | Partial<RunnableConfig>[], options?: RunnableBatchOptions): Promise<(Output | Error)[]>
  override async batch(
    inputs: TextInput[],
    config?: Partial<RunnableConfig> | Partial<RunnableConfig>[],
    options?: RunnableBatchOptions,
  ): Promise<(Output | Error)[]> {
    if (inputs.length === 0) return []
    const ask = (all: TextInput[], given?: Partial<RunnableConfig>[]): Promise<(Output | Error)[]> =>
      options?.returnExceptions ? this.#askEach(all, given?.[0]) : this.#askAll(all, given?.[0])
    return this._batchWithConfig(ask as (all: TextInput[]) => Promise<Output[]>, inputs, config, options)
  }

  /** The same, with an error in the place of each answer that there is not. Of texts that are refused together, each is asked by itself. */
  async #askEach(inputs: readonly TextInput[], given?: Partial<RunnableConfig>): Promise<(Output | Error)[]> {
    const answers: (Output | Error)[] = []
    for (let at = 0; at < inputs.length; at += MOST) {
      const some = inputs.slice(at, at + MOST)
      try {
        answers.push(...(await this.#askAll(some, given)))
      } catch (error) {
        given?.signal?.throwIfAborted()
        if (some.length > 1 && isOfAText(error)) for (const one of some) answers.push(...(await this.#askEach([one], given)))
        else answers.push(...some.map(() => error as Error))
      }
    }
    return answers
  }

  async #askAll(inputs: readonly TextInput[], { signal }: Partial<RunnableConfig> = {}): Promise<Output[]> {
    const texts = inputs.map(inputText)
    const answers: Output[] = []
    for (let at = 0; at < texts.length; at += MOST) answers.push(...(await this.ask(texts.slice(at, at + MOST), signal ? { signal } : {})))
    return answers
  }
}

/** Whether one of the texts may be at fault, and others not: not where the edge is away, full, or does not take the key. */
const isOfAText = (error: unknown): boolean => {
  const { code, status } = error as { code?: string; status?: number }
  return code === 'no_text' || status === 400 || status === 413 || status === 422
}
