/** What is told of one request when its answer begins: a stream may go on for long. Of an answer behind blanks it is told when that ends. */
export interface RequestSeen {
  requestId: string
  /** Of the client's `traceparent`. */
  traceId?: string
  method: string
  /** As the document writes it, without anybody's names in it. */
  endpoint: string
  /** What it came to: of an answer that failed behind blanks, the error's, though 200 was sent. */
  status: number
  /** Of a refusal. */
  code?: string
  tenant?: string
  /** What the model field named, where it was a route. */
  route?: string
  ms: number
}

/** Hears of every request. */
export type SeeRequest = (seen: RequestSeen) => void

/** One JSON object in the log. */
export const logRequest: SeeRequest = (seen) => console.log(JSON.stringify({ level: 'info', message: 'request', ...seen }))
