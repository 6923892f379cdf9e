import { readSamples, sumOf } from '@weft/protocol/metrics/samples'

/** What a runner has counted since it began. */
export interface RunnerCounts {
  answered: number
  /** Requests for a composition that it did not hold. */
  misses: number
}

/** Counts of a runner that asks for no token. */
export async function countsOf(url: string): Promise<RunnerCounts> {
  const samples = readSamples(await (await fetch(`${url}/metrics`)).text())
  return { answered: sumOf(samples, 'vllm:request_success_total'), misses: sumOf(samples, 'weft:composition_requests_total', { result: 'miss' }) }
}
