import { type LanguageModelV4, type LanguageModelV4CallOptions, type LanguageModelV4Prompt, UnsupportedFunctionalityError } from '@ai-sdk/provider'
import { composing } from './language-model.ts'

/** A request as it is sent. */
export type Body = Record<string, unknown>

/**
 * A model that continues a text. The OpenAI-compatible provider writes every prompt as a talk, behind `user:` and before `assistant:`, which is another text than
 * the one to continue: what adapters were trained on, and what invokes them, is no longer its end. Of several messages there is no text but that.
 * @param modelWith such a provider's model whose requests are rewritten
 */
export const continuing = (modelWith: (rewritten?: (body: Body) => Body) => LanguageModelV4): LanguageModelV4 => {
  const of = (options: LanguageModelV4CallOptions) => {
    const rewritten = rewriting(options)
    // The SDK chooses among tools also where there are none, and the provider warns of that.
    const asked = options.tools?.length ? options : { ...options, toolChoice: undefined }
    return { model: composing(modelWith(rewritten)), asked, rewritten }
  }
  return {
    ...composing(modelWith()),
    async doGenerate(options) {
      const { model, asked, rewritten } = of(options)
      return requestedAs(await model.doGenerate(asked), rewritten)
    },
    async doStream(options) {
      const { model, asked, rewritten } = of(options)
      return requestedAs(await model.doStream(asked), rewritten)
    },
  }
}

const rewriting = ({ prompt, stopSequences = [] }: LanguageModelV4CallOptions): ((body: Body) => Body) | undefined => {
  const text = textOf(prompt)
  // Undefined is left out of what is sent.
  return text === undefined ? undefined : (body) => ({ ...body, prompt: text, stop: stopSequences.length > 0 ? stopSequences : undefined })
}

/** The text of a prompt that is nothing else. */
function textOf([message, ...others]: LanguageModelV4Prompt): string | undefined {
  if (message?.role !== 'user' || others.length > 0) return undefined
  return message.content
    .map((part) => {
      if (part.type !== 'text') throw new UnsupportedFunctionalityError({ functionality: `${part.type} parts in a text that is continued` })
      return part.text
    })
    .join('')
}

/** What is told of the request is what was sent. */
const requestedAs = <R extends { request?: { body?: unknown } }>(result: R, rewritten: ((body: Body) => Body) | undefined): R =>
  rewritten === undefined ? result : { ...result, request: { ...result.request, body: rewritten(result.request?.body as Body) } }
