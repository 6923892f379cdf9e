import type { CompositionStore } from '@weft/inference/compositions/composition-store'
import type { Counted, Metrics } from '@weft/inference/metrics'
import type { Models } from '@weft/inference/models'
import type { PrefixCache } from '@weft/inference/prefix-cache/prefix-cache'
import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { JobQueue } from '../jobs/queue.ts'
import { BoundedLabels } from './bounded-labels.ts'

/** Who asked what: `model_name` as vLLM has it, and what the edge says of the request. */
export interface RequestLabels {
  model_name: string
  tenant: string
  route: string
}
const byRequest = ['model_name', 'tenant', 'route'] as const

/** Different tenants and routes that are told apart. */
const MOST_TENANTS = 100
const MOST_ROUTES = 100

const FAST_S = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.25, 0.5, 1, 2.5]
const SLOW_S = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300]

/** What is asked for the state of the moment. */
export interface Watched {
  models: Models
  compositions: CompositionStore
  fixed: PrefixCache
  jobs: JobQueue
  maxBatch: number
}

const counted: Readonly<Record<Counted, readonly [name: string, result: string]>> = {
  composition_hit: ['weft:composition_requests_total', 'hit'],
  composition_miss: ['weft:composition_requests_total', 'miss'],
  session_build: ['weft:session_builds_total', ''],
}

/** The runner's metrics, under vLLM's names where it has one and under `weft:` where not. */
export class RunnerMetrics implements Metrics {
  readonly registry = new Registry()
  readonly #tenants = new BoundedLabels(MOST_TENANTS)
  readonly #routes = new BoundedLabels(MOST_ROUTES)
  /** Compositions of requests under way, by key. */
  readonly #running = new Map<string, number>()
  readonly promptTokens = this.#counter('vllm:prompt_tokens_total', 'Prompt tokens read.', byRequest)
  readonly generationTokens = this.#counter('vllm:generation_tokens_total', 'Tokens generated.', byRequest)
  readonly succeeded = this.#counter('vllm:request_success_total', 'Requests that were answered, by how they ended.', [...byRequest, 'finished_reason'])
  readonly failed = this.#counter('weft:request_failures_total', 'Requests that were refused or failed, by status.', [...byRequest, 'status'])
  readonly firstToken = this.#histogram('vllm:time_to_first_token_seconds', 'From a request to its first token.', SLOW_S)
  readonly interToken = this.#histogram('vllm:inter_token_latency_seconds', 'Between two tokens of a request.', FAST_S)
  readonly perToken = this.#histogram('vllm:request_time_per_output_token_seconds', 'Mean time between the tokens of a request.', FAST_S)
  readonly endToEnd = this.#histogram('vllm:e2e_request_latency_seconds', 'From a request to its end.', SLOW_S)
  readonly queued = this.#histogram('vllm:request_queue_time_seconds', 'In line.', SLOW_S)
  readonly prefill = this.#histogram('vllm:request_prefill_time_seconds', 'Reading the prompt.', SLOW_S)
  readonly decode = this.#histogram('vllm:request_decode_time_seconds', 'From the first token to the last.', SLOW_S)
  readonly #counts = new Map([...new Set(Object.values(counted).map(([name]) => name))].map((name) => [name, this.#counter(name, help[name]!, ['result'])]))

  /** Values that are asked for when somebody scrapes. */
  watch({ models, compositions, fixed, jobs, maxBatch }: Watched): void {
    const byModel = ['model_name'] as const
    const ofEngines = (name: string, text: string, value: (engine: Models['ready'][number]['engine']) => number | undefined) =>
      this.#gauge(name, text, byModel, (gauge) => {
        for (const { name, engine } of models.ready) {
          const now = value(engine)
          if (now !== undefined) gauge.set({ model_name: name }, now)
        }
      })
    ofEngines('vllm:num_requests_running', 'Requests that are computed now.', ({ load }) => load.active)
    ofEngines('vllm:num_requests_waiting', 'Requests in line.', ({ load }) => load.waiting)
    ofEngines(
      'vllm:kv_cache_usage_perc',
      'Filled part of the places for keys and values, from 0 to 1.',
      ({ cacheUse: use }) => use && (use.reserved === 0 ? 0 : use.used / use.reserved),
    )
    ofEngines('weft:kv_cache_slots', 'Places for keys and values that there are.', ({ cacheUse: use }) => use?.reserved)
    this.#gauge(
      'vllm:lora_requests_info',
      'When compositions were last seen running, as seconds since 1970.',
      ['max_lora', 'running_lora_adapters', 'waiting_lora_adapters'],
      (gauge) => {
        gauge.reset()
        const running = [...this.#running.keys()].map((key) => key.slice(0, 'sha256:'.length + 12)).join(',')
        gauge.set({ max_lora: String(maxBatch), running_lora_adapters: running, waiting_lora_adapters: '' }, Date.now() / 1000)
      },
    )
    this.#gauge('weft:compositions_held', 'Compositions in memory.', [], (gauge) => gauge.set(compositions.held.count))
    this.#gauge('weft:composition_bytes', 'Their bytes.', [], (gauge) => gauge.set(compositions.held.bytes))
    this.#gauge('weft:prefixes_held', 'Compositions that are kept as keys and values.', [], (gauge) => gauge.set(fixed.compositions))
    this.#gauge('weft:prefix_cache_bytes', 'Bytes of their keys and values, and of the prompts behind them.', [], (gauge) => gauge.set(fixed.counts.bytes))
    this.#sum('vllm:prefix_cache_queries_total', 'Prompt tokens that were looked up.', () => ({ '': fixed.counts.queriedTokens }))
    this.#sum('vllm:prefix_cache_hits_total', 'Prompt tokens that were found.', () => ({ '': fixed.counts.hitTokens }))
    this.#sum('weft:prefix_evictions_total', 'Blocks and compositions that gave way.', () => ({ '': fixed.counts.evictions }))
    this.#sum('weft:prefix_requests_total', 'Uses of compositions as keys and values, by whether they were kept.', () => {
      const { queriedCompositions, hitCompositions } = fixed.counts
      return { hit: hitCompositions, miss: queriedCompositions - hitCompositions }
    })
    this.#gauge('weft:training_jobs', 'Training jobs, by status.', ['status'], (gauge) => {
      for (const [status, count] of Object.entries(jobs.counts)) gauge.set({ status }, count)
    })
  }

  count(what: Counted): void {
    const [name, result] = counted[what]
    this.#counts.get(name)!.inc({ result })
  }

  /** Labels that cannot grow without end. Models are those of the configuration. */
  labels(model: string, tenant: string, route: string): RequestLabels {
    return { model_name: model, tenant: this.#tenants.of(tenant), route: this.#routes.of(route) }
  }

  begins(keys: readonly string[]): void {
    for (const key of keys) this.#running.set(key, (this.#running.get(key) ?? 0) + 1)
  }

  ends(keys: readonly string[]): void {
    for (const key of keys) {
      const left = this.#running.get(key)! - 1
      if (left > 0) this.#running.set(key, left)
      else this.#running.delete(key)
    }
  }

  /** In Prometheus' text format. */
  text(): Promise<string> {
    return this.registry.metrics()
  }

  #counter<L extends string>(name: string, text: string, labelNames: readonly L[]): Counter<L> {
    return new Counter({ name, help: text, labelNames: [...labelNames], registers: [this.registry] })
  }

  /** A counter that is kept elsewhere. */
  #sum(name: string, text: string, values: () => Record<string, number>): void {
    const counter: Counter<'result'> = new Counter({
      name,
      help: text,
      labelNames: ['result'],
      registers: [this.registry],
      collect: () => {
        counter.reset()
        for (const [result, value] of Object.entries(values())) counter.inc(result === '' ? {} : { result }, value)
      },
    })
  }

  #histogram(name: string, text: string, buckets: number[]): Histogram<(typeof byRequest)[number]> {
    return new Histogram({ name, help: text, buckets, labelNames: [...byRequest], registers: [this.registry] })
  }

  #gauge<L extends string>(name: string, text: string, labelNames: readonly L[], collect: (gauge: Gauge<L>) => void): void {
    const gauge: Gauge<L> = new Gauge({ name, help: text, labelNames: [...labelNames], registers: [this.registry], collect: () => collect(gauge) })
  }
}

const help: Readonly<Record<string, string>> = {
  'weft:composition_requests_total': 'Requests for a composition, by whether it was held.',
  'weft:session_builds_total': 'Sessions that were made.',
}
