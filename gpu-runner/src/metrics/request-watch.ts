import { ROOT_CONTEXT, type Span, type Context as Trace, trace } from '@opentelemetry/api'
import type { RequestProgress } from '@weft/inference/metrics'
import type { GenerateEnd, GenerateToken, TraceParent, Usage } from '@weft/protocol'
import type { RequestLabels, RunnerMetrics } from './runner-metrics.ts'

const tracer = trace.getTracer('weft.runner')
/** Spans in whose trace nobody is interested cost nothing: without an SDK the tracer makes none. */
const contextOf = (parent: TraceParent | undefined): Trace => (parent ? trace.setSpanContext(ROOT_CONTEXT, { ...parent, isRemote: true }) : ROOT_CONTEXT)

/** One request on its way through the runner: times it, counts its tokens, and spans what it does (queue, prefill, decode). */
export class RequestWatch implements RequestProgress {
  readonly #metrics: RunnerMetrics
  readonly #startedAt = performance.now()
  readonly #asker: { tenant: string; route: string }
  readonly #trace: Trace
  readonly #span: Span
  #stage: Span | undefined
  #stageAt = 0
  #labels: RequestLabels | undefined
  #keys: readonly string[] = []
  #firstAt: number | undefined
  #lastAt = 0
  #reason = 'stop'
  /** What has been generated for it and is not counted yet. */
  #came: Pick<Usage, 'promptTokens' | 'completionTokens'> | undefined
  #ended = false

  constructor(metrics: RunnerMetrics, name: string, asker: { tenant: string; route: string }, parent: TraceParent | undefined) {
    this.#metrics = metrics
    this.#asker = asker
    const context = contextOf(parent)
    this.#span = tracer.startSpan(name, {}, context)
    this.#trace = trace.setSpan(context, this.#span)
  }

  /** What is asked, once it is known. @param keys of the compositions */
  asks(model: string, keys: readonly string[]): void {
    this.#labels = this.#metrics.labels(model, this.#asker.tenant, this.#asker.route)
    this.#keys = keys
    this.#metrics.begins(keys)
    this.#span.setAttributes({ 'gen_ai.request.model': model, 'weft.compositions': [...keys] })
  }

  /** It stands in line for its prompt to be read. */
  queued(): void {
    this.#enter('queue')
  }

  begun(): void {
    this.#leave(this.#metrics.queued)
    this.#enter('prefill')
  }

  read(): void {
    this.#leave(this.#metrics.prefill)
    this.#enter('decode')
  }

  ended(came: Pick<Usage, 'promptTokens' | 'completionTokens'>): void {
    this.#came = came
  }

  /** The same events. */
  async *events(events: AsyncIterable<GenerateToken | GenerateEnd>): AsyncGenerator<GenerateToken | GenerateEnd> {
    for await (const event of events) {
      if ('token' in event) this.#token()
      else {
        this.#reason = event.finishReason === 'cancelled' ? 'abort' : event.finishReason
        this.usage(event.usage)
      }
      yield event
    }
  }

  usage({ promptTokens, completionTokens }: Pick<Usage, 'promptTokens' | 'completionTokens'>): void {
    this.#came = undefined
    if (!this.#labels) return
    this.#metrics.promptTokens.inc(this.#labels, promptTokens)
    this.#metrics.generationTokens.inc(this.#labels, completionTokens)
    if (this.#firstAt !== undefined && completionTokens > 1)
      this.#metrics.perToken.observe(this.#labels, (this.#lastAt - this.#firstAt) / 1000 / (completionTokens - 1))
    this.#span.setAttributes({ 'gen_ai.usage.input_tokens': promptTokens, 'gen_ai.usage.output_tokens': completionTokens })
  }

  /** It has been answered, or refused with `status`. How long it took, in milliseconds. */
  end(status: number): number {
    const ms = performance.now() - this.#startedAt
    if (this.#ended) return ms
    this.#ended = true
    // Nobody was told what a request came to that was left, or that broke off.
    if (this.#came) this.usage(this.#came)
    this.#leave(this.#firstAt === undefined ? undefined : this.#metrics.decode)
    this.#metrics.ends(this.#keys)
    if (this.#labels) {
      if (status < 400) {
        this.#metrics.succeeded.inc({ ...this.#labels, finished_reason: this.#reason })
        this.#metrics.endToEnd.observe(this.#labels, ms / 1000)
      } else this.#metrics.failed.inc({ ...this.#labels, status: String(status) })
    }
    this.#span.setAttribute('http.response.status_code', status)
    this.#span.end()
    return ms
  }

  #token(): void {
    const now = performance.now()
    if (this.#labels) {
      if (this.#firstAt === undefined) this.#metrics.firstToken.observe(this.#labels, (now - this.#startedAt) / 1000)
      else this.#metrics.interToken.observe(this.#labels, (now - this.#lastAt) / 1000)
    }
    this.#firstAt ??= now
    this.#lastAt = now
  }

  #enter(stage: string): void {
    this.#stage = tracer.startSpan(stage, {}, this.#trace)
    this.#stageAt = performance.now()
  }

  #leave(times: { observe(labels: RequestLabels, value: number): void } | undefined): void {
    if (this.#stage && this.#labels) times?.observe(this.#labels, (performance.now() - this.#stageAt) / 1000)
    this.#stage?.end()
    this.#stage = undefined
  }
}
