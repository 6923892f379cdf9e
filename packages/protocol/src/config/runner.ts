import { invalidRunnersConfig } from '../errors.ts'
import { isHttpUrl } from './http-url.ts'
import { checkAddress } from './runners.ts'

/** vLLM answers in the place of a runner: see docs/operating/vllm.md for what it serves. */
export interface VllmConfig {
  kind: 'vllm'
  /** Where it listens. */
  url: string
}

/** Weft's own runner. */
export interface OwnRunnerConfig {
  kind?: 'weft'
  /** Where the engine computes; when absent, the first device that is available. */
  device?: 'cpu' | 'cuda' | 'webgpu'
  /** Threads of the CPU device; the machine's cores when absent. */
  threads?: number
  /** The URL of a runner that is running already; without it, `weft dev` starts one. */
  url?: string
  /** Key/value slots: rows that generate at the same time. */
  slots?: number
  /** Requests that may wait while those are answered, of every kind; 2048 when absent. A tenant has half of them at most, and more are answered 429. */
  waiting?: number
}

export type RunnerConfig = OwnRunnerConfig | VllmConfig

const ownFields = ['kind', 'device', 'threads', 'url', 'slots', 'waiting']

/** That one server is meant, and which, and that every field is read. Error `runners_config_invalid`. */
export function checkRunner({ runner, runners }: { runner?: RunnerConfig; runners?: unknown }): void {
  if (runner === undefined) return
  const kind: string = runner.kind ?? 'weft'
  if (kind !== 'weft' && kind !== 'vllm') throw invalidRunnersConfig(`runner.kind: "${kind}" is no server that the edge knows; expected "weft" or "vllm"`)
  const unread = Object.keys(runner).find((field) => !ownFields.includes(field))
  if (unread !== undefined)
    throw invalidRunnersConfig(`runner.${unread}: no such field is read here; expected ${ownFields.map((field) => `"${field}"`).join(', ')}`)
  if (runner.kind !== 'vllm') {
    if (runner.url !== undefined && !isHttpUrl(runner.url))
      throw invalidRunnersConfig(`runner.url: "${runner.url}" is no URL of a runner; expected one such as "http://10.0.0.1:8790"`)
    if (runner.url !== undefined) checkAddress('runner.url', runner.url)
    if (runner.url !== undefined && runners !== undefined)
      throw invalidRunnersConfig('runner.url: nobody would be asked there, since "runners" says who is. Leave one of the two out')
    return
  }
  if (!isHttpUrl(runner.url)) throw invalidRunnersConfig(`runner.url: "${runner.url}" is no URL; expected where vLLM listens, such as "http://vllm:8000"`)
  checkAddress('runner.url', runner.url)
  if (runners !== undefined) throw invalidRunnersConfig('runners: they are runners of Weft, and "runner" is a vLLM. Leave one of the two out')
  const own = Object.keys(runner).find((field) => field !== 'kind' && field !== 'url')
  if (own !== undefined) throw invalidRunnersConfig(`runner.${own}: this is a field of Weft's own runner. vLLM is told when it is started`)
}
