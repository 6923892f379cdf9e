import { setTimeout as sleep } from 'node:timers/promises'
import { Random } from '@weft/adapters'
import { count, emptyReport, type FuzzReport, fail } from './report.ts'
import { anyRequest, explainRequest, type FuzzRequest, type OpenApi, publishRequest, type Target, uploadRequest } from './requests.ts'
import { validAdapter } from './valid-adapter.ts'

/** What each kind of run sends. */
const kinds = { requests: anyRequest, adapters: publishRequest, expressions: explainRequest, files: uploadRequest } as const
export type Kind = keyof typeof kinds
export const kindNames = Object.keys(kinds) as Kind[]

/** What a bystander saw meanwhile: an ordinary request, again and again. */
export interface Bystander {
  asked: number
  failed: number
  longestMs: number
  medianMs: number
}

/** A running edge with one adapter and one training file, ready to be sent things. @param url without a slash at its end */
export async function targetOf(url: string, key: string): Promise<Target> {
  const headers = { authorization: `Bearer ${key}` }
  const get = async (path: string, init: RequestInit = {}): Promise<any> => {
    const response = await fetch(url + path, { ...init, headers: { ...headers, ...init.headers } })
    if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`)
    return response.json()
  }
  const document = (await get('/openapi.json')) as OpenApi
  const { runner } = await get('/health')
  const [{ name, fingerprint, architecture, spec }] = runner.models
  const adapter = await validAdapter({ name, fingerprint, architecture }, spec.hidden_size)
  await get('/v1/adapters?name=style/a', { method: 'POST', body: adapter, headers: { 'content-type': 'application/octet-stream' } })
  const form = new FormData()
  form.set('purpose', 'fine-tune')
  form.set('file', new File([Array.from({ length: 8 }, (_, i) => `{"text":"The fleet sailed at dawn, ${i}."}\n`).join('')], 'rows.jsonl'))
  const file = await get('/v1/files', { method: 'POST', body: form })
  return { document, key, names: ['style/a', 'style/a@1', 'base + style/a'], files: [file.id], jobs: [], adapter }
}

/** Longest wait for one answer, in milliseconds; a stream may go on as long. */
const PATIENCE_MS = 30_000

/** Sends requests of one kind, several at once; each must be answered, and never by a 5xx other than "no runner" and "busy". */
export async function fuzzServed(
  url: string,
  target: Target,
  kind: Kind,
  { runs, seed, atOnce = 8 }: { runs: number; seed: number; atOnce?: number },
): Promise<FuzzReport> {
  const report = emptyReport(kind)
  const jobs: string[] = []
  let next = 0
  const worker = async (): Promise<void> => {
    while (next < runs) {
      const request = kinds[kind](new Random(`${kind} ${seed} ${next++}`), { ...target, jobs })
      await send(url, request, report, jobs)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
  // Whatever training the requests began ends here.
  for (const id of jobs) await fetch(`${url}/v1/fine_tuning/jobs/${id}/cancel`, { method: 'POST', headers: { authorization: `Bearer ${target.key}` } })
  return report
}

async function send(url: string, { method, path, headers, body }: FuzzRequest, report: FuzzReport, jobs: string[]): Promise<void> {
  const shown = (): string =>
    `${method} ${path} ${typeof body === 'string' ? body : body instanceof Uint8Array ? Buffer.from(body.subarray(0, 300)).toString('latin1') : ''}`
  try {
    const response = await fetch(url + path, { method, headers, ...(body !== undefined && { body }), signal: AbortSignal.timeout(PATIENCE_MS) })
    const text = await response.text()
    count(report, response.status)
    if (response.status >= 500) fail(report, shown(), `${response.status} ${text}`)
    // A policy that was taken may forbid all that comes after.
    if (method === 'PUT' && path.startsWith('/v1/policy') && response.ok) await fetch(`${url}/v1/policy`, { method: 'DELETE', headers })
    const id = /"id":"(ftjob[\w-]+)"/.exec(text)?.[1]
    if (id && method === 'POST' && response.ok && !jobs.includes(id)) jobs.push(id)
  } catch (error) {
    count(report, 0)
    fail(report, shown(), String(error))
  }
}

/** Asks for one token, four times a second, until it is told to stop. */
export async function bystander(url: string, key: string, stop: AbortSignal): Promise<Bystander> {
  const times: number[] = []
  let failed = 0
  while (!stop.aborted) {
    const started = performance.now()
    const response = await fetch(`${url}/v1/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'base', prompt: 'We', max_tokens: 1, temperature: 0 }),
    }).catch(() => null)
    if (response?.status !== 200) failed++
    await response?.arrayBuffer().catch(() => null)
    times.push(performance.now() - started)
    await sleep(250, undefined, { signal: stop }).catch(() => {})
  }
  times.sort((a, b) => a - b)
  return { asked: times.length, failed, longestMs: Math.round(times.at(-1) ?? 0), medianMs: Math.round(times[times.length >> 1] ?? 0) }
}
