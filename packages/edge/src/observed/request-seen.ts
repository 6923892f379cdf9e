/** What is told of one request when its answer has ended, a stream's last event included. */
export interface RequestSeen {
  requestId: string
  /** Of the client's `traceparent`. */
  traceId?: string
  method: string
  /** As the document writes it, without anybody's names in it. */
  endpoint: string
  /** What it came to: of an answer that failed behind blanks, or in mid-stream, the error's, though 200 was sent. */
  status: number
  /** Of a refusal, or of what failed later. */
  code?: string
  tenant?: string
  /** What the model field named, where it was a route. */
  route?: string
  /** To the whole answer; of a stream, to its beginning. */
  ms: number
  /** Of a stream: to its end. */
  streamMs?: number
}

/** Hears of every request. */
export type SeeRequest = (seen: RequestSeen) => void

/** One JSON object in the log. */
export const logRequest: SeeRequest = (seen) => console.log(JSON.stringify({ level: 'info', message: 'request', ...seen }))
