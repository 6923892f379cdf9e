import type { DocumentReading, Locality, Pairs, Partners, Pooling } from '@weft/adapters'
import type { HyperparametersInput } from '@weft/methods'
import {
  createJobSchema,
  type FineTuningJob,
  type FineTuningJobEvent,
  isFinal,
  type JobCheckpoint,
  jobCheckpointListSchema,
  jobEventListSchema,
  jobEventSchema,
  jobListSchema,
  jobSchema,
} from '@weft/protocol'
import { type EventStream, eventStream } from './transport/event-stream.ts'
import { type CallOptions, type CreateOptions, keyed, type OnRetry, readJson, type Send, segment } from './transport/request.ts'
import { sleep, waitToLookAgain } from './transport/retries.ts'
import { serverSentEvents } from './transport/server-sent-events.ts'

export interface CreateJobParameters {
  /** A base model's name; `base` is the runner's first. */
  model: string
  trainingFile: string
  validationFile?: string
  /** The name to publish under: `style/speech`; a fresh one when absent. */
  suffix?: string
  /** `{ type: 'prompt-tuning', 'prompt-tuning': { numVirtualTokens: 20 } }`; the deployment's own method when absent. */
  method?: { type: string; [config: string]: unknown }
  hyperparameters?: HyperparametersInput
  /** What a classifier of texts reads; `peft` when absent. */
  pooling?: Pooling
  /** An expression over published adapters that lie frozen beneath: `tone/friendly`. */
  on?: string
  /** Warm start: a published adapter of the same method and config. */
  from?: string
  partners?: Partial<Partners>
  locality?: Partial<Locality>
  /** Of a file of `{positive, negative}` rows. */
  pairs?: Partial<Pairs>
  /** Of a file of `{document}` rows. */
  document?: DocumentReading
  /** Reference text: an uploaded file; the bundled corpora without it. */
  foreignFile?: string
  /** `false`: the adapter carries no inputs of its training file. */
  probes?: boolean
  /** Jobs of one base that share a word here and are queued together train in one batch. */
  joint?: string
  /** Who trains it, of those that `executors()` lists; a runner of Weft when absent. */
  executor?: string
  seed?: number
  metadata?: Record<string, string>
}

const base = '/v1/fine_tuning/jobs'

export const jobs = (send: Send, onRetry?: OnRetry) => {
  const get = async (id: string): Promise<FineTuningJob> => readJson(jobSchema, await send({ path: `${base}/${segment(id)}` }))

  /** Events from the first (or after `after`, an event's id) to the job's end, live. */
  const stream = (id: string, { after, signal, ...options }: { after?: string } & CallOptions = {}): EventStream<FineTuningJobEvent> =>
    eventStream(
      (leaving) => send({ path: `${base}/${segment(id)}/events`, query: { stream: 'true', after }, streams: true, ...options, signal: leaving }),
      (response, leaving) => serverSentEvents(jobEventSchema, response, leaving),
      signal,
    )

  return {
    get,
    stream,
    async create(parameters: CreateJobParameters, options: CreateOptions = {}): Promise<FineTuningJob> {
      return readJson(jobSchema, await send({ method: 'POST', path: base, json: { schema: createJobSchema, value: parameters }, ...keyed(options) }))
    },
    async list(page: { after?: string; limit?: number } = {}): Promise<{ data: FineTuningJob[]; hasMore: boolean }> {
      return readJson(jobListSchema, await send({ path: base, query: page }))
    },
    async cancel(id: string): Promise<FineTuningJob> {
      return readJson(jobSchema, await send({ method: 'POST', path: `${base}/${segment(id)}/cancel` }))
    },
    /** Frees the runner; the job keeps its last checkpoint. */
    async pause(id: string): Promise<FineTuningJob> {
      return readJson(jobSchema, await send({ method: 'POST', path: `${base}/${segment(id)}/pause` }))
    },
    /** Goes on with a paused job. */
    async resume(id: string): Promise<FineTuningJob> {
      return readJson(jobSchema, await send({ method: 'POST', path: `${base}/${segment(id)}/resume` }))
    },
    /** One page of events, newest first as OpenAI's; `order: 'asc'` gives the oldest first. */
    async events(id: string, page: { after?: string; limit?: number; order?: 'asc' | 'desc' } = {}): Promise<{ data: FineTuningJobEvent[]; hasMore: boolean }> {
      return readJson(jobEventListSchema, await send({ path: `${base}/${segment(id)}/events`, query: page }))
    },
    async checkpoints(id: string): Promise<{ data: JobCheckpoint[]; hasMore: boolean }> {
      return readJson(jobCheckpointListSchema, await send({ path: `${base}/${segment(id)}/checkpoints` }))
    },

    /**
     * Resolves with the job once it is final, whatever the end. `onEvent` sees every event exactly once; a connection that breaks
     * on the way (an edge that restarts) is taken up again behind the last event seen. What `onEvent` throws ends the waiting.
     */
    async wait(
      id: string,
      {
        onEvent,
        signal,
        retryMs = 500,
        giveUpAfter = 120,
      }: { onEvent?: (event: FineTuningJobEvent) => void; retryMs?: number; giveUpAfter?: number } & CallOptions = {},
    ): Promise<FineTuningJob> {
      let after: string | undefined
      let isTelling = false
      for (let failures = 0; ; ) {
        signal?.throwIfAborted()
        let waitMs = retryMs
        try {
          for await (const event of stream(id, { ...(after === undefined ? {} : { after }), ...(signal ? { signal } : {}) })) {
            failures = 0
            after = event.id
            isTelling = true
            onEvent?.(event)
            isTelling = false
          }
          const job = await get(id)
          if (isFinal(job.status)) return job
        } catch (error) {
          // The caller's own.
          if (isTelling) throw error
          signal?.throwIfAborted()
          const again = waitToLookAgain(error, retryMs)
          if (again === undefined || ++failures > giveUpAfter) throw error
          waitMs = again
          onRetry?.(error, waitMs)
        }
        await sleep(waitMs, signal)
      }
    },
  }
}
