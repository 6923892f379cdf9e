import { type RunnerEvent, type RunnerJob, type RunnerJobStatus, type TrainingSpec, verdictEvents } from '@weft/protocol'
import type { TrainingEvent } from '@weft/training'

/** The files of one training job. */
export interface JobRequest {
  spec: TrainingSpec
  /** JSONL */
  training: Uint8Array
  validation?: Uint8Array
  /** JSONL, for `locality` and `partners`. */
  reference?: Uint8Array
  /** JSONL of what other adapters may be asked, for `locality`. */
  probes?: Uint8Array
  /** Safetensors of an earlier run of the same job, to resume from. */
  checkpoint?: Uint8Array
  /** Adapter files in the order that the spec names them. */
  required: Uint8Array[]
}

/** What a job that succeeds gives. */
export interface JobResult {
  /** The adapter file. */
  adapter: Uint8Array
  metrics: Record<string, number>
  trainedTokens: number
}

/** What comes before a step, and may take minutes. */
const works = { rounding: 'frozen layers are rounded to 8 bits', reading: 'the document is read' } as const

/** A long run tells of every step; the oldest of so many events give way. */
const KEPT_EVENTS = 20_000

/** A job's record: what is asked about it is answered from here, whatever the training does. */
export class Job {
  readonly id: string
  /** Of everything that determines the run; a checkpoint does not. */
  readonly identity: string
  readonly abort = new AbortController()
  /** What others have of it: that it ended, the checkpoint of which step, its result. */
  readonly fetched = { end: false, checkpointStep: -1, result: false }
  status: RunnerJobStatus = 'queued'
  request: JobRequest | undefined
  result: Uint8Array | undefined
  checkpoint: { step: number; bytes: Uint8Array } | undefined
  #seq = 0
  #progressAt = performance.now()
  #events: RunnerEvent[] = []
  #step = 0
  #totalSteps = 0
  #loss: number | null = null
  #evalLoss: number | null = null
  #etaS: number | null = null
  #trainedTokens: number | undefined
  #error: { code: string; message: string; param?: string } | undefined

  constructor(id: string, identity: string, request: JobRequest) {
    this.id = id
    this.identity = identity
    this.request = request
    this.say('info', 'queued')
  }

  get final(): boolean {
    return this.status === 'succeeded' || this.status === 'failed' || this.status === 'cancelled'
  }

  /** Whether all that it leaves is elsewhere too, so that the process may end. */
  get handedOver(): boolean {
    if (this.status === 'succeeded') return this.fetched.result
    return this.final && this.fetched.end && this.fetched.checkpointStep >= (this.checkpoint?.step ?? -1)
  }

  /** Nobody wants anything more of it. */
  handOver(): void {
    Object.assign(this.fetched, { end: true, checkpointStep: Number.POSITIVE_INFINITY, result: true })
  }

  say(level: RunnerEvent['level'], message: string, data?: Record<string, unknown>, type: RunnerEvent['type'] = 'message'): void {
    this.#progressAt = performance.now()
    this.#events.push({ seq: ++this.#seq, level, type, message, ...(data && { data }), createdAt: Math.floor(Date.now() / 1000) })
    if (this.#events.length > KEPT_EVENTS) this.#events.shift()
  }

  note(event: TrainingEvent): void {
    if ('step' in event) this.#step = event.step
    if ('totalSteps' in event) this.#totalSteps = event.totalSteps
    const { type, ...data } = event
    switch (event.type) {
      case 'data':
        this.say('info', `${event.rows} rows, ${event.tokens} tokens, ${event.totalSteps} steps`, data)
        if (event.unlearnedRows > 0)
          this.say(
            'warn',
            `${event.unlearnedRows} ${event.unlearnedRows === 1 ? 'row teaches' : 'rows teach'} nothing: of the ${event.maxLength} tokens that are kept of a row none is one that is learned`,
            { finding: 'rows_unlearned' },
          )
        if (event.leftOutRows > 0)
          this.say(
            'info',
            `${event.leftOutRows} ${event.leftOutRows === 1 ? 'row is left out: it weighs 0, or nothing in it' : 'rows are left out: they weigh 0, or nothing in them'} can be learned`,
            { finding: 'rows_left_out' },
          )
        if (event.truncatedRows > 0)
          // The verdict will find it too: whoever was told now need not be told then.
          this.say(
            'warn',
            `${event.truncatedRows} ${event.truncatedRows === 1 ? 'row is' : 'rows are'} longer than ${event.maxLength} tokens and cut to them`,
            {
              finding: 'truncated_rows',
            },
          )
        return
      case 'resume':
        return this.say('info', `resumed at step ${event.step} of ${event.totalSteps}`, data)
      case 'step':
        this.#loss = event.loss
        this.#evalLoss = event.evalLoss ?? this.#evalLoss
        this.#etaS = event.etaS
        return this.say('info', `step ${event.step}/${event.totalSteps}: loss ${event.loss.toFixed(4)}`, data, 'metrics')
      case 'pairs':
        return this.say('info', `batch ${event.step}/${event.totalSteps} of pairs`, data)
      case 'document':
        return this.say('info', `layer ${event.step}/${event.totalSteps} of the document`, data)
      case 'eval':
        this.#evalLoss = event.evalLoss
        return this.say(
          'info',
          `step ${event.step}/${event.totalSteps}: held-out loss ${event.evalLoss.toFixed(4)}${event.best ? ', the best so far' : ''}`,
          data,
          'metrics',
        )
      case 'checkpoint':
        return this.say('info', `checkpoint at step ${event.step}, ${event.bytes} bytes`, data)
      case 'early_stop':
        return this.say('info', `stopped early: step ${event.bestStep} was the best, with ${event.bestEvalLoss.toFixed(4)}`, data)
      case 'preparing':
        return this.say('info', `preparing: ${works[event.work]}, ${Math.round(100 * event.share)} %`, data)
      case 'measuring':
        return this.say('info', `measuring: ${event.rows} of ${event.totalRows} rows`, data)
      case 'verdict':
        for (const { level, message, data } of verdictEvents(event.verdict)) this.say(level, message, data)
        return
      case 'message':
        return this.say(event.level, event.message, event.offer && { offer: event.offer })
    }
  }

  succeed({ adapter, metrics, trainedTokens }: JobResult): void {
    this.result = adapter
    this.#trainedTokens = trainedTokens
    if (Object.keys(metrics).length > 0) this.say('info', 'held-out metrics', metrics, 'metrics')
    this.end('succeeded')
  }

  end(status: 'succeeded' | 'failed' | 'cancelled', error?: { code: string; message: string; param?: string }): void {
    this.status = status
    this.#etaS = status === 'succeeded' ? 0 : null
    this.#error = error
    this.request = undefined
    // Why is the job's error: the edge copies events, and tells it as the job's last one.
    this.say(status === 'failed' ? 'error' : 'info', status)
  }

  /** @param after events up to this one are known already */
  view(after = 0): RunnerJob {
    this.fetched.end ||= this.final
    return {
      id: this.id,
      status: this.status,
      step: this.#step,
      totalSteps: this.#totalSteps,
      loss: this.#loss,
      evalLoss: this.#evalLoss,
      etaS: this.#etaS,
      checkpointStep: this.checkpoint?.step ?? null,
      sinceProgressS: this.status === 'running' ? (performance.now() - this.#progressAt) / 1000 : null,
      ...(this.#trainedTokens !== undefined && { trainedTokens: this.#trainedTokens }),
      ...(this.#error && { error: this.#error }),
      events: this.#events.filter(({ seq }) => seq > after),
    }
  }
}
