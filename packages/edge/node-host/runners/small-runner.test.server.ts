import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { healthy, model } from '../../test/tiny-model.ts'

const health = healthy().json as { models: object[] }
const sent = (response: ServerResponse, status: number, body?: object) =>
  void response.writeHead(status, { 'content-type': 'application/json' }).end(body && JSON.stringify(body))
const refused = (response: ServerResponse, status: number, code: string, details?: object) =>
  sent(response, status, { error: { code, message: `${code}, says the runner`, details } })

interface Asked {
  composition: string | null
  prompt: { tokens?: number[] }
  stream?: boolean
  logprobs?: number
}

/** The runner's protocol over real HTTP, with compositions and jobs but no model: what it answers is which runner it is. It can be killed and started again. */
export class SmallRunner {
  #server: Server | undefined
  #port = 0
  #startedAtMs = 0
  #host: string
  fingerprint = model.fingerprint
  status: 'ok' | 'starting' | 'stopping' = 'ok'
  /** What it answers in place of everything but `/health`, if anything. */
  refuses: [status: number, code: string, details?: object] | undefined
  /** Dies when it was asked to generate: before it answers, or after so many tokens. */
  diesAfter: number | undefined
  /** What decides, in the place of weights, what it answers about the likeliest next tokens; those of all are alike at first. Undefined: it tells nothing of them. */
  weights: number | undefined = 1
  /** How many of the next compositions are gone as soon as it has them. */
  forgets = 0
  /** Milliseconds that it takes to say how it fares. */
  healthTakesMs = 0
  /** What it answers; where it is when absent. */
  says: string | undefined
  /** Milliseconds that an answer takes. */
  takesMs = 0
  readonly held = new Set<string>()
  readonly jobs = new Map<string, object>()
  asked: string[] = []

  constructor(host = '127.0.0.1') {
    this.#host = host
  }

  get url(): string {
    return `http://${this.#host}:${this.#port}`
  }

  /** As another process, which holds nothing. @param port of its own from the second start on */
  async start(port = this.#port): Promise<this> {
    this.held.clear()
    this.jobs.clear()
    this.#startedAtMs = performance.timeOrigin + performance.now()
    const server = createServer((request, response) => {
      // Whoever is killed answers nobody.
      this.#answer(request, response).catch((error: unknown) => request.errored ?? Promise.reject(error))
    })
    await new Promise<void>((resolve) => server.listen(port, this.#host, resolve))
    this.#port = (server.address() as AddressInfo).port
    this.#server = server
    return this
  }

  /** At once, with every connection. */
  async kill(): Promise<void> {
    const server = this.#server
    this.#server = undefined
    server?.closeAllConnections()
    await new Promise((resolve) => (server ? server.close(resolve) : resolve(undefined)))
  }

  count(what: string): number {
    return this.asked.filter((asked) => asked.startsWith(what)).length
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const { method, url: path = '' } = request
    const body = path === '/generate' ? (JSON.parse(Buffer.concat(chunks).toString()) as Asked) : undefined
    const canary = body?.logprobs !== undefined
    this.asked.push(canary ? 'canary' : `${method} ${path}`)
    if (path === '/health') {
      await new Promise((resolve) => setTimeout(resolve, this.healthTakesMs))
      const models = health.models.map((held) => ({ ...held, fingerprint: this.fingerprint }))
      const jobs = { running: this.jobs.size, queued: 0 }
      return sent(response, 200, { ...health, models, jobs, status: this.status, started_at_ms: this.#startedAtMs })
    }
    if (path === '/metrics') return void response.writeHead(200, { 'content-type': 'text/plain' }).end(`# TYPE held gauge\nheld ${this.held.size}\n`)
    if (this.status === 'stopping') return refused(response, 503, 'runner_stopping')
    if (this.refuses) return refused(response, ...this.refuses)
    if (canary) return sent(response, 200, this.#nextTokens(body!.prompt.tokens!))
    if (method === 'PUT') {
      if (this.forgets > 0) this.forgets--
      else this.held.add(path.split('/').at(-1)!)
      return void response.writeHead(204).end()
    }
    if (path.startsWith('/jobs/')) return this.#job(method!, path, response)
    const { composition, stream } = body!
    if (composition !== null && !this.held.has(composition)) return refused(response, 424, 'composition_not_held')
    await new Promise((resolve) => setTimeout(resolve, this.takesMs))
    await this.#generate(response, stream === true)
  }

  #nextTokens(tokens: number[]): object {
    const usage = { prompt_tokens: tokens.length, completion_tokens: 1, total_tokens: tokens.length + 1 }
    const answer = { text: 'a', tokens: [1], finish_reason: 'length', usage }
    if (this.weights === undefined) return answer
    const scores = Array.from({ length: 32 }, (_, id) => 4 * Math.sin(this.weights! * (id + 1) * (1 + tokens.reduce((sum, each) => sum + each, 0))))
    const sum = scores.reduce((all, score) => all + Math.exp(score), 0)
    const top = scores.map((score, id) => ({ token: 'a', id, logprob: score - Math.log(sum) })).toSorted((a, b) => b.logprob - a.logprob)
    return { ...answer, logprobs: [{ ...top[0]!, text_offset: 0, top_logprobs: top.slice(0, 20) }] }
  }

  async #generate(response: ServerResponse, stream: boolean): Promise<void> {
    const usage = { prompt_tokens: 1, completion_tokens: 3, total_tokens: 4 }
    if (!stream && this.diesAfter !== undefined) return this.kill()
    if (!stream) return sent(response, 200, { text: this.says ?? this.url, tokens: [1, 2, 3], finish_reason: 'stop', usage })
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.flushHeaders()
    const words = (this.says ?? '0 1 2 ').match(/\S+\s*/g)!
    for (const [token, text] of words.entries()) {
      if (this.diesAfter === token) return this.kill()
      response.write(`data: ${JSON.stringify({ token, text })}\n\n`)
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    response.end(`data: ${JSON.stringify({ finish_reason: 'stop', usage })}\n\n`)
  }

  #job(method: string, path: string, response: ServerResponse): void {
    const id = path.replace('/jobs/', '').replace(/\?.*/, '')
    if (method === 'POST') {
      this.jobs.set(id, {})
      return sent(response, 202, {})
    }
    if (!this.jobs.has(id)) return refused(response, 404, 'job_not_found')
    if (method === 'DELETE') return sent(response, this.jobs.delete(id) ? 200 : 404, {})
    const nothing = { loss: null, eval_loss: null, eta_s: null, checkpoint_step: null, events: [] }
    sent(response, 200, { id, status: 'running', step: 1, total_steps: 10, ...nothing })
  }
}
