import { errorBody } from '@weft/protocol'
import type { Outcome } from './batch-host.ts'
import { batchExpired, batchRequestGivenUp } from './errors.ts'

interface Answered {
  requestId: string
  customId: string
  status: number
  body: unknown
}

const line = (value: object): string => `${JSON.stringify(value)}\n`

/** Where an answer goes, and the line that tells of it, as OpenAI's. */
export const resultOf = ({ requestId, customId, status, body }: Answered): { outcome: Outcome; text: string } => ({
  outcome: status < 400 ? 'output' : 'error',
  text: line({ id: requestId, custom_id: customId, response: { status_code: status, request_id: requestId, body }, error: null }),
})

const failed = (id: string, customId: string, error: ReturnType<typeof batchExpired>): string => {
  const { code, message } = errorBody(error).error
  return line({ id, custom_id: customId, response: null, error: { code, message } })
}

/** Of a request that the window was too short for. */
export const expiredLine = (id: string, customId: string): string => failed(id, customId, batchExpired())

/** Of a request that no runner got through. */
export const givenUpLine = (id: string, customId: string, times: number): string => failed(id, customId, batchRequestGivenUp(times))
