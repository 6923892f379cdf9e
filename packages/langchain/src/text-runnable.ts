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
    return this._batchWithConfig((all: TextInput[], given?: Partial<RunnableConfig>[]) => this.#askAll(all, given?.[0]), inputs, config, options)
  }

  async #askAll(inputs: readonly TextInput[], { signal }: Partial<RunnableConfig> = {}): Promise<Output[]> {
    const texts = inputs.map(inputText)
    const answers: Output[] = []
    for (let at = 0; at < texts.length; at += MOST) answers.push(...(await this.ask(texts.slice(at, at + MOST), signal ? { signal } : {})))
    return answers
  }
}
