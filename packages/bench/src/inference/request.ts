import type { Asked, Engine } from '@weft/inference/engine'

/** Of one request, or medians over several. CPU time is the process's, all threads together. */
export interface Timing {
  ttft_ms: number
  ttft_cpu_ms: number
  decode_ms_per_token: number
  decode_cpu_ms_per_token: number
  tokens_per_s: number
}

/** One request at batch 1, greedy. */
export async function timedRequest(engine: Engine, asked: Asked, tokens: number[], count: number): Promise<Timing> {
  const cpu = () => {
    const { user, system } = process.cpuUsage()
    return (user + system) / 1000
  }
  const start = { wall: performance.now(), cpu: cpu() }
  let first = start
  let end = start
  let generated = 0
  for await (const event of await engine.generate(asked, { prompt: { tokens }, maxTokens: count, temperature: 0, topP: 1, topK: 0, stop: [] })) {
    if (!('token' in event)) continue
    end = { wall: performance.now(), cpu: cpu() }
    if (generated++ === 0) first = end
  }
  const decoded = Math.max(1, generated - 1)
  const decode = (end.wall - first.wall) / decoded
  return {
    ttft_ms: first.wall - start.wall,
    ttft_cpu_ms: first.cpu - start.cpu,
    decode_ms_per_token: decode,
    decode_cpu_ms_per_token: (end.cpu - first.cpu) / decoded,
    tokens_per_s: 1000 / decode,
  }
}
