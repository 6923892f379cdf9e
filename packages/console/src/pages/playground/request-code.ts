import { ALTERNATIVES, type Message, messagesOf, type Settings, samplingOf } from './settings.ts'
import type { Asking } from './variant.ts'

/** What a request of the playground is in other places; the key is read from the environment there, and is in no text. */
export interface RequestCode {
  curl: string
  python: string
  typescript: string
}

/** @param origin where the edge listens: `http://127.0.0.1:8787` */
export const requestCode = (origin: string, model: string, asking: Asking, settings: Settings, turns: readonly Message[] = []): RequestCode => {
  const body = bodyOf(model, asking, settings, turns)
  const path = { completion: '/v1/completions', chat: '/v1/chat/completions', classify: '/v1/classify' }[asking]
  return { curl: curl(origin, path, body), python: python(origin, asking, body), typescript: typescript(origin, asking, body) }
}

type Body = Record<string, unknown>

const bodyOf = (model: string, asking: Asking, settings: Settings, turns: readonly Message[]): Body => {
  if (asking === 'classify') return { model, input: settings.prompt }
  const { topP, ...sampling } = samplingOf(settings)
  return {
    model,
    ...(asking === 'chat' ? { messages: messagesOf(settings, turns) } : { prompt: settings.prompt }),
    ...(settings.maxTokens === undefined ? {} : { max_tokens: settings.maxTokens }),
    ...sampling,
    ...(topP === undefined ? {} : { top_p: topP }),
    ...(settings.logprobs ? (asking === 'chat' ? { logprobs: true, top_logprobs: ALTERNATIVES } : { logprobs: ALTERNATIVES }) : {}),
  }
}

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`

const curl = (origin: string, path: string, body: Body): string =>
  [
    `curl ${origin}${path} \\`,
    '  -H "authorization: Bearer $WEFT_API_KEY" \\',
    "  -H 'content-type: application/json' \\",
    `  -d ${quoted(JSON.stringify(body))}`,
  ].join('\n')

/** A value as Python spells it. */
const pythonic = (value: unknown): string => {
  if (value === true) return 'True'
  if (Array.isArray(value)) return `[${value.map(pythonic).join(', ')}]`
  if (value !== null && typeof value === 'object')
    return `{${Object.entries(value)
      .map(([key, each]) => `${JSON.stringify(key)}: ${pythonic(each)}`)
      .join(', ')}}`
  return JSON.stringify(value)
}

const python = (origin: string, asking: Asking, body: Body): string => {
  const client = ['import os', 'from openai import OpenAI', '', `client = OpenAI(base_url="${origin}/v1", api_key=os.environ["WEFT_API_KEY"])`]
  if (asking === 'classify') return [...client, `answer = client.post("/classify", body=${pythonic(body)}, cast_to=object)`, 'print(answer["data"])'].join('\n')
  const call = asking === 'chat' ? 'client.chat.completions.create' : 'client.completions.create'
  const fields = Object.entries(body).map(([name, value]) => `    ${name}=${pythonic(value)},`)
  return [...client, `answer = ${call}(`, ...fields, ')', `print(answer.choices[0].${asking === 'chat' ? 'message.content' : 'text'})`].join('\n')
}

const camel = (name: string): string => name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase())

const typescript = (origin: string, asking: Asking, body: Body): string => {
  const client = ["import { WeftClient } from '@weft/client'", '', `const weft = new WeftClient({ baseUrl: '${origin}', apiKey: process.env.WEFT_API_KEY! })`]
  const fields = Object.entries(body).map(([name, value]) => `  ${camel(name)}: ${JSON.stringify(value)},`)
  const [call, shown] = {
    completion: ['completions.create', 'choices[0]?.text'],
    chat: ['chat.create', 'choices[0]?.message.content'],
    classify: ['classifyAny', 'data'],
  }[asking] as [string, string]
  return [...client, `const answer = await weft.${call}({`, ...fields, '})', `console.log(answer.${shown})`].join('\n')
}
