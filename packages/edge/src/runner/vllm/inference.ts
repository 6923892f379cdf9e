import type { GenerateInput, GenerateResponse, HeldModel, Usage } from '@weft/protocol'
import { refusedByRunner, runnerProtocol } from '../../errors.ts'
import type { Caller } from '../caller.ts'
import type { Transport } from '../http/transport.ts'
import type { Inference } from '../inference.ts'
import { guessTokens } from '../meter.ts'
import { isStored, loadAdapter, nothingFiles, nothingKey, prefixFile } from './adapters/load-adapter.ts'
import { type AnswerPiece, type ChatChoice, type CompletionChoice, pieceOfChat, pieceOfCompletion } from './answers/answer-pieces.ts'
import { answerEvents, TextOffsets } from './answers/answer-stream.ts'
import { vllmCapabilities } from './capabilities.ts'
import { notHeldByVllm, notServedByVllm } from './errors.ts'
import { vllmExceptions } from './exceptions.ts'
import type { HeldComposition, HeldCompositions } from './held-compositions.ts'
import { readPrompt, type VllmPrompt } from './prompt.ts'
import { vllmSampling } from './sampling.ts'
import { VllmTokenizer } from './tokenizer.ts'
import { answerOf, expectAnswer, post } from './vllm-calls.ts'

/** Writes the parts of one message one after another, and nothing around them: the prompt is rendered already. vLLM sees by its loops that contents are lists. */
const plainTemplate = "{% for message in messages %}{% for part in message['content'] %}{{ part['text'] }}{% endfor %}{% endfor %}"

const nothingComposed: HeldComposition = { segments: [], prefix: 0, adapted: false }
const askWeft = 'Ask a runner of Weft.'

/** A request on its way: vLLM's answer to it, how to read a choice of that answer, and what it comes to. */
interface Asked {
  response: Response
  pieceOf(choice: CompletionChoice & ChatChoice): AnswerPiece
  usageOf(completionTokens: number): Usage
}

/** Generation through vLLM's OpenAI endpoints: prompts of tokens as completions, prompts with soft prompts among them as a chat of one message. */
export function vllmInference(send: Transport, held: HeldCompositions, servedModel: () => Promise<HeldModel>): Inference {
  async function ask(request: GenerateInput, stream: boolean, caller: Caller | undefined): Promise<Asked> {
    const { model, composition, logprobs } = request
    const { adapted, segments, prefix } = heldOf(composition)
    if (prefix > 0 && !(await isStored(send, composition as string, prefixFile, caller))) throw forgotten(composition as string)
    const { spec, lowRank } = await servedModel()
    const prompt = await readPrompt(new VllmTokenizer(send, caller), model, { segments, prefix }, request.prompt, spec)
    const room = spec.maxPositions - prompt.promptTokens - prompt.virtualTokens
    const { path, fields } = placed(prompt, logprobs)
    const body = {
      model: adapted ? composition : lowRank?.adapterAlways ? nothingKey : model,
      ...fields,
      ...vllmSampling(request, { room, composed: prompt.virtualTokens > 0 }),
      return_token_ids: true,
      ...(stream && { stream: true }),
      ...(prefix > 0 && { kv_transfer_params: { weft_prefix: { key: composition, columns: prefix } }, cache_salt: composition }),
    }
    let response = await post(send, path, body, caller)
    if (response.status === 404 && body.model === nothingKey) {
      await response.body?.cancel()
      await loadAdapter(send, nothingKey, nothingFiles(spec, lowRank?.modules), caller)
      response = await post(send, path, body, caller)
    }
    if (response.status === 404) {
      await response.body?.cancel()
      // vLLM forgets its adapters when it is started again.
      if (!adapted) throw refusedByRunner(404, { code: 'model_not_found', message: `This vLLM serves no model "${model}".`, param: 'model' })
      throw forgotten(composition as string)
    }
    return {
      response: await expectAnswer(response),
      pieceOf: (choice) => (prompt.parts ? pieceOfChat(choice) : pieceOfCompletion(choice, logprobs ?? 0)),
      usageOf: (completionTokens) => ({
        promptTokens: prompt.promptTokens,
        completionTokens,
        totalTokens: prompt.promptTokens + completionTokens,
        ...(composition === null ? {} : { virtualTokens: prompt.virtualTokens }),
      }),
    }
  }

  async function answerWhole(request: GenerateInput, caller: Caller | undefined): Promise<GenerateResponse> {
    const { response, pieceOf, usageOf } = await ask(request, false, caller)
    const { choices } = await answerOf<{ choices?: (CompletionChoice & ChatChoice)[] }>(response)
    if (!choices?.[0]) throw runnerProtocol('vLLM gave an answer without a choice')
    const { text, tokens, logprobs, finishReason } = pieceOf(choices[0])
    if (!finishReason) throw runnerProtocol('vLLM does not say why its answer ended')
    const answer: GenerateResponse = { text, tokens, finishReason, usage: usageOf(tokens.length) }
    return logprobs.length > 0 ? { ...answer, logprobs: new TextOffsets().of(logprobs) } : answer
  }

  function forgotten(key: string): Error {
    held.drop(key)
    return notHeldByVllm(key)
  }

  function heldOf(composition: GenerateInput['composition']): HeldComposition {
    if (composition === null) return nothingComposed
    if (typeof composition !== 'string') throw notServedByVllm('combine the answers of several compositions', askWeft, 'model')
    const found = held.get(composition)
    if (!found) throw notHeldByVllm(composition)
    return found
  }

  return {
    backend: 'vllm',
    capabilities: vllmCapabilities,
    exceptions: vllmExceptions,

    generate(request, caller) {
      const answer = answerWhole(request, caller)
      const guess = guessTokens(JSON.stringify(request.prompt).length)
      return caller?.meter?.whole(answer, { guess, usageOf: ({ usage }) => usage, prompt: request.prompt }) ?? answer
    },

    async stream(request, caller) {
      const { response, pieceOf, usageOf } = await ask(request, true, caller)
      if (!response.body) throw runnerProtocol('a stream without a body')
      const events = answerEvents(response.body, pieceOf, usageOf)
      return caller?.meter?.counting(events, request.prompt) ?? events
    },

    async classify() {
      throw notServedByVllm('classify here', askWeft, 'model')
    },
    async score() {
      throw notServedByVllm('score texts here', askWeft, 'model')
    },
    async embed() {
      throw notServedByVllm('embed texts here', askWeft, 'model')
    },
  }
}

/** The endpoint that a prompt goes to, and the fields that carry it. */
const placed = ({ tokens, parts }: VllmPrompt, logprobs: number | undefined): { path: string; fields: Record<string, unknown> } =>
  parts
    ? {
        path: '/v1/chat/completions',
        fields: {
          messages: [{ role: 'user', content: parts }],
          chat_template: plainTemplate,
          add_generation_prompt: false,
          ...(logprobs !== undefined && { logprobs: true, top_logprobs: logprobs }),
        },
      }
    : { path: '/v1/completions', fields: { prompt: tokens, ...(logprobs !== undefined && { logprobs }) } }
