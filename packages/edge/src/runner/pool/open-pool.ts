import { runnerAddress, runnerPools, type WeftConfig } from '@weft/protocol'
import type { MonotonicClock } from '../hashing/monotonic-clock.ts'
import { runnerBackend } from '../http/backend.ts'
import type { OpenTransport } from '../http/transport.ts'
import { vllmBackend } from '../vllm/backend.ts'
import { Membership } from './membership.ts'
import type { ResolveName } from './name-resolver.ts'
import { RunnerPool } from './runner-pool.ts'

export interface PoolNeeds {
  /** Runners that the host names; the config's come first. */
  urls: readonly string[]
  openTransport: OpenTransport
  resolve: ResolveName
}

/** The runners of a deployment. Error `runners_config_invalid`. */
export function openPool(
  { runner, runners }: Pick<WeftConfig, 'runner' | 'runners'>,
  { urls, openTransport, resolve }: PoolNeeds,
  now: MonotonicClock,
): RunnerPool {
  const pools = runnerPools(runners ?? urls)
  const isVllm = runner?.kind === 'vllm'
  const backendOf = isVllm ? vllmBackend : runnerBackend
  const open = (url: string) => {
    // vLLM's address is often written with the path that OpenAI's clients want, and what is asked of it beside them is not below that.
    const send = openTransport(isVllm ? runnerAddress(url).replace(/\/v1$/, '') : url)
    return { send, backend: backendOf(send) }
  }
  const membership = new Membership({ pools, open, resolve, now })
  const [{ dns } = {}] = Object.values(pools)
  const placing = runners && 'placing' in runners ? runners.placing : undefined
  return new RunnerPool({ membership, placing, of: membership.known[0]?.backend ?? open(dns!).backend, now })
}
