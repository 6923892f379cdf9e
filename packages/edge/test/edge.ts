import { env, exports } from 'cloudflare:workers'
import type { Seen, Step } from './scripted-runner.test.server.ts'
import { healthy } from './tiny-model.ts'

export { adapterFile, healthy, model } from './tiny-model.ts'

const origin = 'http://127.0.0.1:8787'

/** One request to the Worker, with the local key. Every answer that a test gets has a status that the document knows of. */
export async function edge(path: string, init: RequestInit = {}): Promise<Response> {
  const answer = await exports.default.fetch(
    // `duplex` is asked for by Node where a body is a stream.
    new Request(`${origin}${path}`, {
      ...init,
      ...{ duplex: 'half' },
      headers: { authorization: 'Bearer weft-local', ...(init.headers as Record<string, string>) },
    }),
  )
  await checkStatus(init.method ?? 'GET', path, answer.status)
  return answer
}

let statuses: Promise<{ pattern: RegExp; method: string; known: string[] }[]> | undefined

const documented = async (): Promise<Awaited<NonNullable<typeof statuses>>> => {
  const { paths } = (await (await exports.default.fetch(new Request(`${origin}/openapi.json`))).json()) as {
    paths: Record<string, Record<string, { responses: object }>>
  }
  // Parts of a path that are named as they stand come before those that take anything.
  const specific = Object.entries(paths).toSorted(([a], [b]) => b.replaceAll(/\{\w+\}/g, '').length - a.replaceAll(/\{\w+\}/g, '').length)
  return specific.flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { responses }]) => ({
      pattern: new RegExp(`^${path.replaceAll(/\{\w+\}/g, '.+')}$`),
      method: method.toUpperCase(),
      known: Object.keys(responses),
    })),
  )
}

async function checkStatus(method: string, path: string, status: number): Promise<void> {
  const [plain = path] = path.split('?')
  const found = (await (statuses ??= documented())).find((each) => each.method === method && each.pattern.test(plain))
  if (found && !found.known.includes(String(status))) throw new Error(`${method} ${plain} answers ${status}, and its description knows of ${found.known}`)
}

export const post = (path: string, body: unknown, init: RequestInit = {}): Promise<Response> =>
  edge(path, { method: 'POST', body: JSON.stringify(body), ...init })

/** The answer's JSON, with its HTTP status as `http`. */
export async function json<T = any>(response: Response | Promise<Response>): Promise<T & { http: number }> {
  const answer = await response
  return { ...((await answer.json()) as T), http: answer.status }
}

/** Tells the runner what to do from here on; a healthy `/health` is understood unless the steps have their own. */
export async function script(...steps: Step[]): Promise<void> {
  const all = steps.some(({ on }) => on === 'GET /health') ? steps : [...steps, healthy()]
  await (await fetch(`${env.RUNNER_URL}/script`, { method: 'PUT', body: JSON.stringify(all) })).text()
}

/** What the runner was asked since, health aside. */
export async function seen(): Promise<Seen[]> {
  const all = (await (await fetch(`${env.RUNNER_URL}/script`)).json()) as Seen[]
  return all.filter(({ path }) => path !== '/health')
}

export const refusal = (status: number, code: string, on: string): Step => ({ on, status, json: { error: { code, message: `scripted ${code}` } } })

/** Publishes over HTTP. */
export const publish = (name: string, file: Uint8Array<ArrayBuffer>): Promise<Response> =>
  edge(`/v1/adapters?name=${encodeURIComponent(name)}`, { method: 'POST', body: file })

/** Polls until `condition` gives something. */
export async function until<T>(condition: () => Promise<T | undefined | false>, attempts = 200): Promise<T> {
  for (let n = 0; n < attempts; n++) {
    const value = await condition()
    if (value) return value
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error('it never came')
}

const usage = { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5, prompt_tokens_details: { cached_tokens: 1 }, virtual_tokens: 2 }

export const generated = (text = ' fellow citizens'): Step => ({
  on: 'POST /generate',
  json: { text, tokens: [1, 2], finish_reason: 'stop', usage },
})

export const streamed = (rest: Partial<Step> = {}): Step => ({
  on: 'POST /generate',
  events: [{ data: { token: 1, text: ' fellow' } }, { data: { token: 2, text: ' citizens' } }, { data: { finish_reason: 'stop', usage } }],
  ...rest,
})

/** The `data:` lines of an event stream. */
export const dataOf = (text: string): string[] =>
  text
    .split('\n\n')
    .filter(Boolean)
    .map((event) => event.replace(/^data: /, ''))
