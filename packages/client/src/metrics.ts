import type { CallOptions, Send } from './request.ts'

/** The runner's metrics as it tells them, in Prometheus' text format. For operators alone. */
export const metrics =
  (send: Send) =>
  async ({ signal }: CallOptions = {}): Promise<string> =>
    (await send({ path: '/v1/metrics', ...(signal ? { signal } : {}) })).text()
