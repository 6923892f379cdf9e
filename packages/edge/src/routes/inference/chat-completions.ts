import { chatCompletionChunkSchema, chatCompletionRequestSchema, chatCompletionSchema, withoutReadings } from '@weft/protocol'
import { Hono } from 'hono'
import { invalidRequest } from '../../errors.ts'
import { answerForm, sayingField } from '../../generation/answer-form.ts'
import { chatChunks, chatCompletion } from '../../generation/chat-shapes.ts'
import { choicesOf, eachChoice, mergedAnswer, mergedChunks } from '../../generation/choices.ts'
import { eventStream } from '../../generation/event-stream.ts'
import { flagged, flaggedChunks } from '../../generation/flagged.ts'
import { askRunner, type GenerateDependencies, generateAll, leavingCaller, streamAll } from '../../generation/generate.ts'
import { saidOf } from '../../generation/said-of.ts'
import { samplingOf } from '../../generation/sampling.ts'
import { chatFunctions, sayingFunction, toolChoice, untold } from '../../generation/tool-choice.ts'
import { patientAnswer } from '../../http/answer.ts'
import { endpoint } from '../../http/endpoint.ts'
import { readRequest } from '../../http/request.ts'
import type { Variables } from '../../http/variables.ts'
import type { ResolvedModel } from '../../resolve/resolve-model.ts'

const description = endpoint({
  summary: 'Answer a chat',
  tag: 'Inference',
  body: chatCompletionRequestSchema,
  answer: chatCompletionSchema,
  answers: ['text/event-stream'],
})

/** `POST /v1/chat/completions` */
export const chatCompletionsRoute = (dependencies: GenerateDependencies) =>
  new Hono<Variables>().post('/v1/chat/completions', description, async (c) => {
    const request = await readRequest(c, chatCompletionRequestSchema)
    const { model } = request
    const messages = withoutReadings(request.messages)
    const n = choicesOf(request)
    if (typeof request.topLogprobs === 'number' && !request.logprobs) throw invalidRequest('expected "logprobs": true beside it', 'top_logprobs')
    const logprobs = request.logprobs ? { logprobs: request.topLogprobs ?? 0 } : {}
    if (request.streamOptions && !request.stream) throw invalidRequest('expected "stream": true beside it', 'stream_options')
    const format = answerForm(request)
    const functions = chatFunctions(request)
    const choice = toolChoice(functions, format)
    const form = choice?.form ?? format
    const asked = { messages, ...choice?.asked }
    const said = <T>(answer: Promise<T>): Promise<T> => sayingField(form, sayingFunction(functions, answer))
    const { inference } = dependencies
    // Without a number of tokens an answer may go on to the end of the context, as OpenAI's does.
    const inputsOf = ({ defaults }: ResolvedModel) =>
      eachChoice([asked], n, (prompt) => ({
        prompt,
        ...samplingOf(request, defaults, choice?.calls),
        ...logprobs,
        ...untold(choice, functions),
        ...(form && { grammar: form.grammar }),
      }))

    if (!request.stream)
      return patientAnswer(c, (waiting) =>
        askRunner(
          dependencies,
          c,
          model,
          async (found, caller) => {
            const answers = await saidOf('messages', said(generateAll(inference, found, inputsOf(found), caller)))
            const merged = mergedAnswer(
              answers.map((answer) => chatCompletion(model, answer, choice?.calls)),
              n,
            )
            return flagged(found, merged)
          },
          waiting,
        ),
      )
    const { caller: waiting, abort } = leavingCaller(c.get('caller'))
    const chunks = await askRunner(
      dependencies,
      c,
      model,
      async (found, caller) => {
        const events = await saidOf('messages', said(streamAll(inference, found, inputsOf(found), caller)))
        return events.map((each) => flaggedChunks(found, chatChunks(model, each, request.streamOptions?.includeUsage ?? false, choice?.calls)))
      },
      waiting,
    )
    return eventStream(c, chatCompletionChunkSchema, mergedChunks(chunks, n), abort)
  })
