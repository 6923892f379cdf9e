import { type GenerateResponse, type ResponseObject, responseEventSchema, responseRequestSchema, responseSchema } from '@weft/protocol'
import { Hono } from 'hono'
import { askedTexts } from '../../auto/asked-texts.ts'
import { invalidRequest, storingIsOff } from '../../errors.ts'
import { sayingField } from '../../generation/answer-form.ts'
import { namedEventStream } from '../../generation/event-stream.ts'
import { flagged } from '../../generation/flagged.ts'
import { askRunner, type GenerateDependencies, type GenerationInput, generateAll, leavingCaller, streamAll } from '../../generation/generate.ts'
import { saidOf } from '../../generation/said-of.ts'
import { samplingOf } from '../../generation/sampling.ts'
import { sayingFunction, toolChoice, untold } from '../../generation/tool-choice.ts'
import { patientAnswer } from '../../http/answer.ts'
import { endpoint } from '../../http/endpoint.ts'
import { knownError } from '../../http/refuse.ts'
import { readRequest } from '../../http/request.ts'
import type { Variables } from '../../http/variables.ts'
import type { ResolvedModel } from '../../resolve/resolve-model.ts'
import { askedConversation } from '../../responses/conversation.ts'
import { responseFunctions } from '../../responses/function-tools.ts'
import { outputItems } from '../../responses/output-items.ts'
import { responseEvents } from '../../responses/response-events.ts'
import { begunResponse, endedResponse } from '../../responses/response-object.ts'
import { textForm } from '../../responses/text-form.ts'
import { withRoom } from '../../responses/truncation.ts'
import type { Caller } from '../../runner/caller.ts'

const description = endpoint({
  summary: 'Answer, and keep the conversation',
  tag: 'Responses',
  body: responseRequestSchema,
  answer: responseSchema,
  answers: ['text/event-stream'],
})

const secondsOfDay = 24 * 60 * 60

/** `POST /v1/responses` */
export const createResponseRoute = ({ retentionDays, now, ...dependencies }: GenerateDependencies & { retentionDays: number; now: () => number }) =>
  new Hono<Variables>().post('/v1/responses', description, async (c) => {
    const request = await readRequest(c, responseRequestSchema)
    const { responses } = c.get('stores')
    if (request.store && retentionDays === 0) throw storingIsOff()
    if (request.streamOptions && !request.stream) throw invalidRequest('expected "stream": true beside it', 'stream_options')
    const store = request.store ?? retentionDays > 0
    const format = textForm(request)
    const functions = responseFunctions(request)
    const choice = toolChoice(functions, format)
    const form = choice?.form ?? format
    const { input, items, messages } = await askedConversation(responses, request)
    // What was said before, and the instructions, are asked as well: the body alone does not hold all of it.
    const said = c.get('asked')
    if (said) c.set('asked', { ...said, words: { ...askedTexts({ messages: messages(items) }), field: 'input' } })
    const wantsLogprobs = request.include?.includes('message.output_text.logprobs') || typeof request.topLogprobs === 'number'
    const { inference } = dependencies

    const begun = (found: ResolvedModel): ResponseObject => {
      const { temperature = 1, topP = 1 } = sampling(found.defaults)
      return flagged(found, begunResponse(request, { store, temperature, topP }))
    }
    const sampling = (defaults: ResolvedModel['defaults']) => samplingOf({ ...request, maxTokens: request.maxOutputTokens }, defaults, choice?.calls)
    /** Runs with the conversation, or what of it has room. */
    const run = <T>({ defaults }: ResolvedModel, generate: (input: GenerationInput) => Promise<T>): Promise<T> => {
      const asked = (kept: typeof items) =>
        generate({
          prompt: { messages: messages(kept), ...choice?.asked },
          ...sampling(defaults),
          ...(wantsLogprobs && { logprobs: request.topLogprobs ?? 0 }),
          ...untold(choice, functions),
          ...(form && { grammar: form.grammar }),
        })
      const answer = request.truncation === 'auto' ? withRoom(items, (kept) => asked([...kept])) : asked(items)
      return sayingField(form, sayingFunction(functions, saidOf('input', answer)))
    }
    const keep = async (response: ResponseObject): Promise<void> => {
      if (store) await responses.put({ response, input, expiresAt: now() + retentionDays * secondsOfDay })
    }

    if (!request.stream)
      return patientAnswer(c, (waiting) =>
        askRunner(
          dependencies,
          c,
          request.model,
          async (found, caller) => {
            const started = begun(found)
            const [answer] = (await run(found, (asked) => generateAll(inference, found, [asked], caller))) as [GenerateResponse]
            const ended = endedResponse(started, outputItems(answer, choice?.calls ?? null), answer)
            if (!found.isCopy) await keep(ended)
            return ended
          },
          waiting,
        ),
      )
    const { caller: waiting, abort } = leavingCaller(c.get('caller'))
    const stream = async (found: ResolvedModel, until: Caller) => {
      const started = begun(found)
      const [events] = await run(found, (asked) => streamAll(inference, found, [asked], until))
      return responseEvents(events!, {
        begun: started,
        form: choice?.calls ?? null,
        keep: found.isCopy ? keepNothing : keep,
        known: (error) => knownError(error, c),
      })
    }
    return namedEventStream(c, responseEventSchema, await askRunner(dependencies, c, request.model, stream, waiting), abort)
  })

/** What a shadow answers is nobody's conversation. */
const keepNothing = async (): Promise<void> => {}
