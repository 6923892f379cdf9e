import createClient from 'openapi-fetch'
import type { paths } from './schema.d.ts'

const { OPENAI_BASE_URL = '', OPENAI_API_KEY = '', WEFT_MODEL: model = '' } = process.env
// What is not streamed.
const client = createClient<paths, 'application/json'>({
  baseUrl: OPENAI_BASE_URL.replace(/\/v1$/, ''),
  headers: { authorization: `Bearer ${OPENAI_API_KEY}` },
})

const { data: models } = await client.GET('/v1/models')
if (!models?.data.some(({ id }) => id === model)) throw new Error(`${model} is not listed`)
const { data: chat } = await client.POST('/v1/chat/completions', { body: { model, messages: [{ role: 'user', content: 'We the people' }], max_tokens: 4 } })
if (typeof chat?.choices[0]?.message.content !== 'string') throw new Error('no answer')
const { data: response } = await client.POST('/v1/responses', { body: { model, input: 'We the people', max_output_tokens: 4 } })
if (response?.object !== 'response') throw new Error('no response')
const { data: kept } = await client.GET('/v1/responses/{response_id}', { params: { path: { response_id: response.id } } })
if (kept?.id !== response.id) throw new Error('the response was not kept')
const { error, response: answer } = await client.POST('/v1/completions', { body: { model: 'nobody', prompt: 'We' } })
if (answer.status !== 404 || error?.error.code !== 'model_not_found') throw new Error('an error is not typed')
