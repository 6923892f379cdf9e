import { type CompletionRequest, completionRequestSchema, completionSchema } from '@weft/protocol'
import { Hono } from 'hono'
import { invalidRequest } from '../../errors.ts'
import { answerForm, sayingField } from '../../generation/answer-form.ts'
import { choicesOf, eachChoice, mergedAnswer, mergedChunks } from '../../generation/choices.ts'
import { completion, completionChunks } from '../../generation/completion-shapes.ts'
import { type EchoedPrompt, echoes, noAnswer, noEvents } from '../../generation/echo.ts'
import { eventStream } from '../../generation/event-stream.ts'
import { flagged, flaggedChunks } from '../../generation/flagged.ts'
import { askRunner, type GenerateDependencies, generateAll, leavingCaller, streamAll } from '../../generation/generate.ts'
import { samplingOf } from '../../generation/sampling.ts'
import { patientAnswer } from '../../http/answer.ts'
import { endpoint } from '../../http/endpoint.ts'
import { readRequest } from '../../http/request.ts'
import type { Variables } from '../../http/variables.ts'
import type { ResolvedModel } from '../../resolve/resolve-model.ts'
import type { Caller } from '../../runner/caller.ts'

const description = endpoint({
  summary: 'Continue a text',
  tag: 'Inference',
  body: completionRequestSchema,
  answer: completionSchema,
  answers: ['text/event-stream'],
})

/** Tokens of an answer that says nothing of how long it may be. */
const usualTokens = 128

/** `POST /v1/completions` */
export const completionsRoute = (dependencies: GenerateDependencies) =>
  new Hono<Variables>().post('/v1/completions', description, async (c) => {
    const request = await readRequest(c, completionRequestSchema)
    const { model, echo, maxTokens } = request
    const prompts = promptsOf(request.prompt)
    const n = choicesOf(request, prompts.length)
    const logprobs = request.logprobs ?? undefined
    if (maxTokens === 0 && !echo) throw invalidRequest('expected 1 or more, or "echo": true beside it', 'max_tokens')
    if (request.streamOptions && !request.stream) throw invalidRequest('expected "stream": true beside it', 'stream_options')

    const form = answerForm(request)
    const { inference } = dependencies
    const before = async (found: ResolvedModel, caller: Caller) => {
      const each = echo ? await echoes(inference, found, { prompts, logprobs, answered: maxTokens !== 0 }, caller) : undefined
      return each?.flatMap((of) => Array.from({ length: n }, () => of))
    }
    const inputsOf = ({ defaults }: ResolvedModel) =>
      eachChoice(prompts, n, (prompt) => ({
        prompt,
        maxTokens: usualTokens,
        ...samplingOf(request, defaults),
        ...(logprobs === undefined ? {} : { logprobs }),
        ...(form && { grammar: form.grammar }),
      }))

    if (!request.stream)
      return patientAnswer(c, (waiting) =>
        askRunner(
          dependencies,
          c,
          model,
          async (found, caller) => {
            const echoed = await before(found, caller)
            const answers = maxTokens === 0 ? echoed!.map(noAnswer) : await sayingField(form, generateAll(inference, found, inputsOf(found), caller))
            const merged = mergedAnswer(
              answers.map((answer, at) => completion(model, answer, echoed?.[at])),
              n,
            )
            return flagged(found, merged)
          },
          waiting,
        ),
      )
    const { caller: waiting, abort } = leavingCaller(c.get('caller'))
    const streams = await askRunner(
      dependencies,
      c,
      model,
      async (found, caller) => {
        const echoed = await before(found, caller)
        const events = maxTokens === 0 ? echoed!.map(noEvents) : await sayingField(form, streamAll(inference, found, inputsOf(found), caller))
        const options = { includeUsage: request.streamOptions?.includeUsage ?? false }
        return events.map((each, at) => flaggedChunks(found, completionChunks(model, each, { ...options, echo: echoed?.[at] })))
      },
      waiting,
    )
    return eventStream(c, completionSchema, mergedChunks(streams, n), abort)
  })

/** A list of numbers is one prompt of tokens; any other list is one prompt each. */
function promptsOf(prompt: CompletionRequest['prompt']): EchoedPrompt[] {
  if (typeof prompt === 'string') return [{ text: prompt }]
  if (prompt.length === 0 || typeof prompt[0] === 'number') return [{ tokens: prompt as number[] }]
  return (prompt as (string | number[])[]).map((each) => (typeof each === 'string' ? { text: each } : { tokens: each }))
}
