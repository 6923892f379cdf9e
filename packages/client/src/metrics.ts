import type { CallOptions, Send } from './transport/request.ts'

/** The runner's metrics as it tells them, in Prometheus' text format. For operators alone. */
export const metrics =
  (send: Send) =>
  async (options: CallOptions = {}): Promise<string> =>
    (await send({ path: '/v1/metrics', ...options })).text()
