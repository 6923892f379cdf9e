import { refused } from '@weft/test/cases/serving/refused'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { jobSpec, jobsOf, lines } from './served-jobs.test.setup.ts'
import { servedLlama } from './served-llama.test.setup.ts'

const served = servedLlama()
const { app, generate } = served
const { submit } = jobsOf(served)
const spec = () => jobSpec(served.fingerprint())
beforeAll(served.load)
afterAll(served.close)

test.each<[string, () => Response | Promise<Response>, object]>([
  ['an unknown model', () => generate({ model: 'bass' }), { status: 404, code: 'model_not_found', param: 'model', details: { models: ['base'] } }],
  ['no JSON', () => app.request('/generate', { method: 'POST', body: '{"model":' }), { status: 400, code: 'invalid_json' }],
  ['no UTF-8', () => app.request('/generate', { method: 'POST', body: Uint8Array.of(0x22, 0xff, 0x22) }), { status: 400, code: 'invalid_json' }],
  ['a wrong field', () => generate({ max_tokens: 0 }), { status: 400, code: 'invalid_request', param: 'max_tokens' }],
  ['a missing field', () => generate({ prompt: undefined }), { status: 400, code: 'invalid_request' }],
  [
    'a prompt longer than the context',
    () => generate({ prompt: { tokens: Array(385).fill(1) } }),
    { status: 400, code: 'context_length_exceeded', details: { needed: 385, limit: 384 } },
  ],
  ['the same, streamed', () => generate({ stream: true, prompt: { tokens: Array(385).fill(1) } }), { status: 400, code: 'context_length_exceeded' }],
  ['a token that is none', () => generate({ prompt: { tokens: [101] } }), { status: 400, code: 'token_out_of_range' }],
  [
    'a text that would take seconds to tokenize',
    () => generate({ prompt: { text: 'a'.repeat(1_000_001) } }),
    { status: 400, code: 'text_too_long', param: 'prompt' },
  ],
  [
    'the same as messages',
    () => generate({ prompt: { messages: Array(3).fill({ role: 'user', content: 'a'.repeat(400_000) }) } }),
    { status: 400, code: 'text_too_long', param: 'messages' },
  ],
  ['a stop string of a megabyte', () => generate({ stop: ['a'.repeat(1e6)] }), { status: 400, code: 'invalid_request', param: 'stop[0]' }],
  ['too many stop strings', () => generate({ stop: Array(17).fill('a') }), { status: 400, code: 'invalid_request', param: 'stop' }],
  [
    'JSON nested too deep',
    () => app.request('/generate', { method: 'POST', body: `{"model":${'['.repeat(5000)}${']'.repeat(5000)}}` }),
    { status: 400, code: 'json_too_deep' },
  ],
  ['an empty prompt', () => generate({ prompt: { text: '' } }), { status: 400, code: 'empty_prompt' }],
  ['an unknown path', () => app.request('/generates'), { status: 404, code: 'route_not_found' }],
  ['an unknown job', () => app.request('/jobs/nobody'), { status: 404, code: 'job_not_found' }],
  ['a job that is no form', () => app.request('/jobs/a', { method: 'POST', body: 'x' }), { status: 400, code: 'invalid_form' }],
  [
    'a job without data',
    () => {
      const form = new FormData()
      form.set('spec', '{}')
      return app.request('/jobs/a', { method: 'POST', body: form })
    },
    { status: 422, code: 'body_part_missing', param: 'training' },
  ],
  [
    'a job with an invalid specification',
    () => submit('a', { ...spec(), method: undefined }, lines(4)),
    { status: 400, code: 'invalid_request', param: 'method' },
  ],
  ['a job over the limit', () => submit('a', spec(), 'x'.repeat(100_001)), { status: 413, code: 'body_too_large' }],
])('%s', async (_, request, expected) => expect(await refused(request())).toMatchObject(expected))
