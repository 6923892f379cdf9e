import { runnerProtocol } from '../../errors.ts'
import type { Caller } from '../caller.ts'
import type { Transport } from '../http/transport.ts'
import { answerOf, post } from './vllm-calls.ts'

interface ChatMessage {
  role: string
  content: string
  name?: string
}

/** vLLM's tokenizer and chat template: the edge has neither. */
export class VllmTokenizer {
  readonly #send: Transport
  readonly #caller: Caller | undefined

  constructor(send: Transport, caller: Caller | undefined) {
    this.#send = send
    this.#caller = caller
  }

  /** @param addSpecialTokens those of a text's beginning */
  text(model: string, prompt: string, { addSpecialTokens }: { addSpecialTokens: boolean }): Promise<number[]> {
    return this.#tokenize({ model, prompt, add_special_tokens: addSpecialTokens })
  }

  /** A chat through the model's template, up to where the answer begins. */
  chat(model: string, messages: readonly ChatMessage[]): Promise<number[]> {
    return this.#tokenize({ model, messages, add_generation_prompt: true })
  }

  /** The text that tokens stand for, special ones included. */
  async textOf(model: string, tokens: readonly number[]): Promise<string> {
    const { prompt } = await answerOf<{ prompt: string }>(await post(this.#send, '/detokenize', { model, tokens }, this.#caller))
    return prompt
  }

  async #tokenize(body: object): Promise<number[]> {
    const { tokens } = await answerOf<{ tokens?: number[] }>(await post(this.#send, '/tokenize', body, this.#caller))
    if (!Array.isArray(tokens)) throw runnerProtocol('vLLM tokenizes into something else than tokens')
    return tokens
  }
}
