import { trace } from '@opentelemetry/api'
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { compositionKey, packComposition } from '@weft/adapters'
import promptTuning from '@weft/plugins/prompt-tuning'
import { labelHeaders } from '@weft/protocol'
import { randomTensor, writeTinyLlama } from '@weft/test/models/tiny-llama'
import parse from 'parse-prometheus-text-format'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { tokens } from '../src/composition-root.ts'
import { BoundedLabels } from '../src/metrics/bounded-labels.ts'
import { tinyRunner } from './tiny-runner.test.setup.ts'

const runner = tinyRunner(writeTinyLlama(), { compositionBytes: 40_000, plugins: [promptTuning] })
const { app, container } = runner
const spans = new InMemorySpanExporter()
trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] }))

beforeAll(runner.load)
afterAll(runner.close)

const headers = { [labelHeaders.tenant]: 'acme', [labelHeaders.route]: 'orator' }
const generate = (body: object, more: Record<string, string> = {}) =>
  app.request('/generate', {
    method: 'POST',
    headers: { ...headers, ...more },
    body: JSON.stringify({ model: 'base', composition: null, prompt: { text: 'the boat' }, max_tokens: 6, temperature: 0, ...body }),
  })

interface Family {
  name: string
  type: string
  help: string
  metrics: { value?: string; buckets?: Record<string, string>; labels?: Record<string, string> }[]
}
const scrape = async (): Promise<Record<string, Family>> => {
  const response = await app.request('/metrics')
  expect(response.headers.get('content-type')).toMatch(/^text\/plain/)
  return Object.fromEntries((parse(await response.text()) as Family[]).map((family) => [family.name, family]))
}

test("a scrape has vLLM's names, by model, tenant and route, and what requests did", async () => {
  const fingerprint = container.get(tokens.models).ready[0]!.engine.model.fingerprint
  const key = await compositionKey(fingerprint, { text: 'rows' } as Parameters<typeof compositionKey>[1])
  const rows = { segments: [{ kind: 'rows' as const, rows: randomTensor([3, 32], 'r', 0.4) }], sites: {}, longestPrefix: 0 }
  expect((await generate({ composition: key })).status).toBe(424)
  await app.request(`/compositions/${key}`, { method: 'PUT', body: packComposition(rows, { fingerprint }) })
  for (let n = 0; n < 2; n++) expect((await generate({ composition: key })).status).toBe(200)
  await (await generate({ stream: true })).text()
  await app.request('/embed', { method: 'POST', headers, body: JSON.stringify({ model: 'base', composition: null, inputs: ['the boat'] }) })
  const scored = { model: 'base', composition: null, prompt: 'the boat', texts: [' x', ' yz'] }
  const { usage } = (await (await app.request('/score', { method: 'POST', headers, body: JSON.stringify(scored) })).json()) as {
    usage: { prompt_tokens: number }
  }
  // The prompt before each of the texts.
  expect(usage.prompt_tokens).toBeGreaterThan(2 * 6)

  const found = await scrape()
  const labels = { model_name: 'base', tenant: 'acme', route: 'orator' }
  const value = (name: string, of: Record<string, string> = labels) => Number(found[name]?.metrics.find((metric) => matches(metric.labels ?? {}, of))?.value)
  const matches = (all: Record<string, string>, some: Record<string, string>) => Object.entries(some).every(([name, each]) => all[name] === each)
  expect(value('vllm:generation_tokens_total')).toBe(18)
  expect(value('vllm:prompt_tokens_total')).toBe(4 * 6 + usage.prompt_tokens)
  expect(value('vllm:request_success_total', { ...labels, finished_reason: 'length' })).toBe(3)
  expect(value('weft:request_failures_total', { ...labels, status: '424' })).toBe(1)
  expect(value('weft:composition_requests_total', { result: 'miss' })).toBe(1)
  expect(value('weft:composition_requests_total', { result: 'hit' })).toBe(2)
  expect(value('weft:prefix_requests_total', { result: 'hit' })).toBe(1)
  expect(value('weft:compositions_held', {})).toBe(1)
  expect(value('weft:session_builds_total', {})).toBeGreaterThanOrEqual(1)
  for (const name of ['vllm:num_requests_running', 'vllm:num_requests_waiting', 'vllm:kv_cache_usage_perc']) expect(value(name, { model_name: 'base' })).toBe(0)
  expect(found['vllm:lora_requests_info']?.metrics[0]?.labels).toMatchObject({ max_lora: '4', running_lora_adapters: '' })
  const times = {
    'vllm:time_to_first_token_seconds': 3,
    'vllm:inter_token_latency_seconds': 15,
    'vllm:e2e_request_latency_seconds': 5,
    'vllm:request_queue_time_seconds': 3,
    'vllm:request_prefill_time_seconds': 3,
    'vllm:request_decode_time_seconds': 3,
  }
  for (const [name, count] of Object.entries(times))
    expect([name, found[name]?.type, Number(found[name]?.metrics[0]?.buckets?.['+Inf'])]).toEqual([name, 'HISTOGRAM', count])
})

test("a client's trace goes on in the runner, with a span for each part of its work", async () => {
  spans.reset()
  const traceId = '0af7651916cd43dd8448eb211c80319c'
  await generate({}, { traceparent: `00-${traceId}-b7ad6b7169203331-01` })
  const made = spans.getFinishedSpans()
  expect(made.map(({ name }) => name)).toEqual(['queue', 'prefill', 'decode', 'POST /generate'])
  const [queue, , , whole] = made
  for (const span of made) expect(span.spanContext().traceId).toBe(traceId)
  expect(whole!.parentSpanContext?.spanId).toBe('b7ad6b7169203331')
  expect(queue!.parentSpanContext?.spanId).toBe(whole!.spanContext().spanId)
  expect(whole!.attributes).toMatchObject({ 'gen_ai.request.model': 'base', 'gen_ai.usage.output_tokens': 6, 'http.response.status_code': 200 })
})

test('compositions that answer together spend their time where one does', async () => {
  const fingerprint = container.get(tokens.models).ready[0]!.engine.model.fingerprint
  const key = await compositionKey(fingerprint, { text: 'rows' } as Parameters<typeof compositionKey>[1])
  const counted = async () => {
    const found = await scrape()
    return ['queue', 'prefill', 'decode'].map((stage) => Number(found[`vllm:request_${stage}_time_seconds`]?.metrics[0]?.buckets?.['+Inf']))
  }
  const before = await counted()
  spans.reset()
  const headers = { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' }
  const operands = [1, 2].map((weight) => ({ composition: key, weight }))
  expect((await generate({ composition: { operator: 'experts', operands } }, headers)).status).toBe(200)
  expect(spans.getFinishedSpans().map(({ name }) => name)).toEqual(['queue', 'prefill', 'decode', 'POST /generate'])
  expect(await counted()).toEqual(before.map((count) => count + 1))
})

test('a stream that breaks off is no success: it counts by its error, and one that its reader leaves as any request that is left', async () => {
  const of = { [labelHeaders.route]: 'broken' }
  const late = await generate({ stream: true, max_tokens: 300 }, { ...of, 'x-weft-deadline-ms': '30' })
  expect(late.status).toBe(200)
  expect(await late.text()).toContain('deadline_exceeded')
  const left = (await generate({ stream: true, max_tokens: 300 }, of)).body!.getReader()
  await left.read()
  await left.cancel()
  const counted = async (name: string) =>
    (await scrape())[name]?.metrics.flatMap(({ labels, value }) => (labels?.route === 'broken' ? [`${labels.status ?? labels.finished_reason} ${value}`] : []))
  await expect.poll(() => counted('weft:request_failures_total')).toEqual(['504 1', '499 1'])
  expect(await counted('vllm:request_success_total')).toEqual([])
})

test('tokens that were made for a request that was left are counted', async () => {
  const left = (await generate({ stream: true, max_tokens: 300 }, { [labelHeaders.route]: 'left' })).body!.getReader()
  await left.read()
  await left.cancel()
  const counted = async (name: string) => Number((await scrape())[name]?.metrics.find(({ labels }) => labels?.route === 'left')?.value)
  await expect.poll(() => counted('vllm:prompt_tokens_total')).toBe(6)
  expect(await counted('vllm:generation_tokens_total')).toBeGreaterThan(0)
})

test('labels are bounded: what comes beyond is one', () => {
  const labels = new BoundedLabels(2)
  expect(['a', 'b', 'a', 'c', 'd', 'b'].map((value) => labels.of(value))).toEqual(['a', 'b', 'a', 'other', 'other', 'b'])
})
