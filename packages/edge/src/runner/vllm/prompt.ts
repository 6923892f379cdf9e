import { floatTensor, type ModelSpec } from '@weft/adapters'
import { type Prompt, templateMessages } from '@weft/protocol'
import { nothingAsked, notServedByVllm, promptNotReadBack, tooLongForVllm } from './errors.ts'
import { type HeldComposition, type HeldSegment, rowsData } from './held-compositions.ts'
import type { VllmTokenizer } from './tokenizer.ts'

type ContentPart = { type: 'text'; text: string } | { type: 'prompt_embeds'; data: string }

/** A prompt behind its composition, as vLLM takes it: tokens alone, or text with soft prompts among it. */
export interface VllmPrompt {
  tokens?: readonly number[]
  parts?: readonly ContentPart[]
  promptTokens: number
  /** Rows and tokens of the composition. */
  virtualTokens: number
}

/**
 * Tokenizes what the composition and the prompt say, each by itself as Weft's own runner does. Behind rows vLLM takes text alone, so that the prompt's
 * text must be read back as the prompt's tokens. Errors: `context_length_exceeded`, `empty_prompt`, `prompt_not_read_back`.
 */
export async function readPrompt(
  tokenizer: VllmTokenizer,
  model: string,
  { segments, prefix }: Pick<HeldComposition, 'segments' | 'prefix'>,
  prompt: Prompt,
  { maxPositions, hiddenSize }: Pick<ModelSpec, 'maxPositions' | 'hiddenSize'>,
): Promise<VllmPrompt> {
  const [own, composed] = await Promise.all([promptTokens(tokenizer, model, prompt), Promise.all(segments.map(tokensOf))])
  const virtualTokens = composed.reduce((sum, { positions }) => sum + positions, prefix)
  const needed = virtualTokens + own.length
  if (needed === 0) throw nothingAsked()
  // One position is left for an answer.
  if (needed >= maxPositions) throw tooLongForVllm(needed + 1, maxPositions)
  const counts = { promptTokens: own.length, virtualTokens }
  if (segments.every(({ kind }) => kind === 'text'))
    return { tokens: [...placeholders(prefix), ...composed.flatMap(({ tokens }) => tokens), ...own], ...counts }

  const text = own.length > 0 ? await tokenizer.textOf(model, own) : ''
  const last = segments.at(-1)!
  const before = last.kind === 'text' ? last.text : ''
  const expected = [...(composed.at(-1)?.tokens ?? []), ...own]
  const read = await tokenizer.text(model, before + text, { addSpecialTokens: false })
  if (read.length !== expected.length || read.some((token, at) => token !== expected[at])) throw promptNotReadBack()
  const parts = segments.map(
    (segment): ContentPart => (segment.kind === 'rows' ? { type: 'prompt_embeds', data: segment.data } : { type: 'text', text: segment.text }),
  )
  if (prefix > 0) parts.unshift({ type: 'prompt_embeds', data: rowsData(floatTensor([prefix, hiddenSize])) })
  return { parts: text === '' ? parts : [...parts, { type: 'text', text }], ...counts }

  async function tokensOf(segment: HeldSegment): Promise<{ tokens: readonly number[]; positions: number }> {
    if (segment.kind === 'rows') return { tokens: [], positions: segment.rows }
    const tokens = await tokenizer.text(model, segment.text, { addSpecialTokens: false })
    return { tokens, positions: tokens.length }
  }
}

/** Tokens that stand where a prefix's keys and values are: any will do, since vLLM computes nothing of them. */
const placeholders = (prefix: number): number[] => new Array<number>(prefix).fill(0)

async function promptTokens(tokenizer: VllmTokenizer, model: string, prompt: Prompt): Promise<readonly number[]> {
  if ('tokens' in prompt) return prompt.tokens
  if ('text' in prompt) return tokenizer.text(model, prompt.text, { addSpecialTokens: true })
  const { messages, tools } = prompt
  if (tools?.length || messages.some((message) => message.role === 'tool' || message.toolCalls?.length))
    throw notServedByVllm('put functions into a chat here', 'Leave the tools out, or ask a runner of Weft.', 'tools')
  return tokenizer.chat(model, templateMessages(messages))
}
