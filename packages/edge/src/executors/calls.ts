import { executorRefused, executorUnavailable } from './errors.ts'

/** An executor's API answers at once or not at all. */
const timeoutMs = 20_000

/** The time of a call that somebody waits for who only looks. */
export const lookMs = 3000

/** One HTTP exchange; a host may have a way of its own. */
export type Send = (url: string, init: { method: string; headers: Record<string, string>; body?: string; signal: AbortSignal }) => Promise<Response>

export interface ApiCall {
  method?: 'GET' | 'POST' | 'DELETE'
  path: string
  json?: unknown
  /** Statuses that are an answer too. */
  accepts?: readonly number[]
  /** Milliseconds that it may take. */
  within?: number
}

export interface ApiAnswer<T> {
  status: number
  body: T
  /** What a bad status is said to mean. */
  says: string
}

export type Api = <T>(call: ApiCall) => Promise<ApiAnswer<T>>

/** Calls of an executor's HTTP API with JSON. Errors 503 `executor_unavailable` where there is no answer or a passing one; 500 `executor_refused` in its own words. */
export const api =
  ({ name, url, token, send }: { name: string; url: string; token: string | undefined; send: Send }): Api =>
  async <T>({ method = 'GET', path, json, accepts = [], within = timeoutMs }: ApiCall) => {
    let status: number
    let text: string
    try {
      const response = await send(`${url.replace(/\/+$/, '')}${path}`, {
        method,
        headers: {
          accept: 'application/json',
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...(json === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(json === undefined ? {} : { body: JSON.stringify(json) }),
        signal: AbortSignal.timeout(within),
      })
      status = response.status
      text = await response.text()
    } catch (cause) {
      throw executorUnavailable(name, url, 'no answer', cause)
    }
    const isGood = status >= 200 && status < 300
    const says = isGood ? '' : messageOf(text)
    if (!isGood && !accepts.includes(status)) {
      if (status === 429 || (status >= 500 && status !== 501)) throw executorUnavailable(name, url, `status ${status}: ${says}`)
      throw executorRefused(name, status, says)
    }
    try {
      return { status, body: (text === '' ? {} : JSON.parse(text)) as T, says }
    } catch {
      if (!isGood) return { status, body: {} as T, says }
      throw executorRefused(name, status, `its answer is not JSON: ${text.slice(0, 80)}`)
    }
  }

/** Kubernetes' `Status` has a message; Ray's errors are texts, mostly tracebacks, in which the line that begins with the error's name says it. */
function messageOf(text: string): string {
  try {
    const said = JSON.parse(text) as { message?: unknown } | string
    if (typeof said === 'string') return messageOf(said)
    if (typeof said.message === 'string') return said.message
  } catch {
    // Plain text.
  }
  const lines = text.trim().split('\n')
  return lines.findLast((line) => /^[\w.]+(Error|Exception): /.test(line)) ?? lines.at(-1) ?? ''
}
