import { expect, test } from 'vitest'
import { withLateErrors } from './late-errors.ts'

const answered = async (body: string, { type = 'application/json', status = 200 } = {}): Promise<[number, string]> => {
  const headers = { 'content-type': type, 'content-length': '7', 'x-request-id': 'r1' }
  const response = await withLateErrors(async () => new Response(body, { status, headers }))('http://127.0.0.1:9')
  expect(response.headers.get('x-request-id')).toBe('r1')
  return [response.status, await response.text()]
}

test('an error behind blanks has a status of its kind, and keeps its text', async () => {
  const late = (type: string) => `\n\n{"error":{"code":"c","message":"m","type":"${type}","param":null}}`
  expect(await answered(late('server_error'))).toEqual([502, late('server_error')])
  expect(await answered(late('invalid_request_error'))).toEqual([400, late('invalid_request_error')])
  expect(await answered(late('rate_limit_error'))).toEqual([429, late('rate_limit_error')])
})

test('everything else comes as it is', async () => {
  // A response of the API has an error's field too, which is null where nothing failed.
  for (const body of ['{"error":null,"id":"resp_1"}', '{"error":{"code":"c"},"id":"resp_1"}', '{"error":null}', '{"data":[]}', '{"error"', ''])
    expect(await answered(body), body).toEqual([200, body])
  expect(await answered('{"error":{}}', { type: 'text/event-stream' })).toEqual([200, '{"error":{}}'])
  expect(await answered('{"error":{}}', { status: 404 })).toEqual([404, '{"error":{}}'])
})
