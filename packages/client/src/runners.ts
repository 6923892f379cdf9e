import { type RunnerList, runnerListSchema } from '@weft/protocol'
import { type CallOptions, readJson, type Send } from './transport/request.ts'

/** Each runner behind the edge, what it holds and how busy it is. For operators alone. */
export const runners =
  (send: Send) =>
  async (options: CallOptions = {}): Promise<RunnerList> =>
    readJson(runnerListSchema, await send({ path: '/v1/runners', ...options }))
