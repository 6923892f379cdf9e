import { runnerProtocol, runnerUnavailable } from '../../errors.ts'
import type { Caller } from '../caller.ts'
import { runnerTokenRefused } from '../errors.ts'
import type { Transport } from '../http/transport.ts'
import { refusedByVllm } from './errors.ts'

/** A POST of JSON as vLLM's endpoints take it. Gives the answer whatever its status. */
export const post = (send: Transport, path: string, body: unknown, caller?: Caller): Promise<Response> =>
  send({ method: 'POST', path, body: JSON.stringify(body), headers: { 'content-type': 'application/json' }, caller })

/** A good answer's JSON. Errors: what vLLM refused (`refused_by_vllm`), 503 `runner_unavailable`, 502 `runner_protocol`. */
export async function answerOf<T>(response: Response): Promise<T> {
  const text = await (await expectAnswer(response)).text()
  try {
    return JSON.parse(text) as T
  } catch {
    throw runnerProtocol(`vLLM's answer is not JSON: ${text.slice(0, 80)}`)
  }
}

/** Throws what a failed answer says; gives back a good one. */
export async function expectAnswer(response: Response): Promise<Response> {
  if (response.ok) return response
  const message = messageOf(await response.text())
  if (response.status === 401 || response.status === 403) throw runnerTokenRefused('vLLM', '--api-key')
  if (response.status === 503) throw runnerUnavailable(message ?? 'vLLM is not ready')
  if (message === undefined) throw runnerProtocol(`vLLM answered status ${response.status} without an error`)
  throw refusedByVllm(response.status < 500 ? response.status : 502, message)
}

/** vLLM's own `{ error: { message } }`, or FastAPI's `{ detail }`. */
function messageOf(text: string): string | undefined {
  try {
    const { error, detail } = JSON.parse(text) as { error?: { message?: unknown }; detail?: unknown }
    const message = error?.message ?? detail
    return message === undefined ? undefined : typeof message === 'string' ? message : JSON.stringify(message)
  } catch {
    return undefined
  }
}
