import { isHttpUrl, runnerAddress, strayPart } from '@weft/protocol'
import { invalidVariable } from './errors.ts'

/** What a deployment is told from outside, whatever its host: variables and secrets, all of them text. */
export interface DeploymentVariables {
  /** Requests of one batch that run side by side. */
  BATCH_CONCURRENCY: string
  /** Where the runner listens, or several with spaces between; `runners` of the config comes first. */
  RUNNER_URL: string
  /** Longest time that the runner may send nothing within an answer, in milliseconds. */
  RUNNER_TIMEOUT_MS: string
  /** How long a request waits for a runner that is starting, in milliseconds. */
  RUNNER_START_MS: string
  MAX_FILE_BYTES: string
  /** The most that any request may take, in milliseconds. */
  REQUEST_TIMEOUT_MS: string
  /** How long an answer that is not streamed may take, in milliseconds, before blanks are sent ahead of it. */
  BLANKS_AFTER_MS: string
  /** Secret that the runner asks for; absent when it asks for none. */
  RUNNER_TOKEN?: string
  /** Secret: this deployment's Ed25519 private key (PKCS #8 in PEM), which signs what jobs publish. */
  SIGNING_KEY?: string
  /** Secret: sha256 of the API key, in hex. The key itself is nowhere. */
  API_KEY_SHA256?: string
  /**
   * Keys in the clear with spaces between, good on loopback only; for local development, set by a launcher. With them and without
   * `API_KEY_SHA256` this machine alone is let in.
   */
  LOCAL_KEY?: string
  /** Where a person finds the local key, as the welcome page should spell it. */
  LOCAL_KEY_FILE?: string
  /** `off`: no line in the log for each request. */
  LOG_REQUESTS?: string
}

/** A timer that is to wait longer waits no time at all. */
const longestMs = 2 ** 31 - 1
/** The least and the most that each may be. Without time no request is answered; 0 is right where it means "at once". */
const numbers = {
  RUNNER_TIMEOUT_MS: [1, longestMs],
  RUNNER_START_MS: [0, longestMs],
  REQUEST_TIMEOUT_MS: [1, longestMs],
  BLANKS_AFTER_MS: [0, longestMs],
  MAX_FILE_BYTES: [1, Number.MAX_SAFE_INTEGER],
  BATCH_CONCURRENCY: [1, Number.MAX_SAFE_INTEGER],
} as const

/**
 * Refuses variables that nothing could be done with, before the first request meets them. An empty one is not there. Shows no secret. Error 400 `invalid_variable`.
 * @param options `runners`: whether the config names them, so that `RUNNER_URL` need not
 */
export function checkVariables(variables: DeploymentVariables, options: { runners: boolean }): void {
  for (const [name, [least, most]] of Object.entries(numbers) as [keyof typeof numbers, readonly [number, number]][]) {
    const value: string | undefined = variables[name]
    if (!/^\d+$/.test(value ?? '') || Number(value) < least || Number(value) > most)
      throw invalidVariable(name, value, most === longestMs ? `a whole number from ${least} to ${most}` : `a whole number of at least ${least}`)
  }
  if (!['on', 'off', '', undefined].includes(variables.LOG_REQUESTS)) throw invalidVariable('LOG_REQUESTS', variables.LOG_REQUESTS, '"on" or "off"')
  const urls: string | undefined = variables.RUNNER_URL || undefined
  for (const url of urls === undefined && options.runners ? [] : (urls ?? '').trim().split(/\s+/)) {
    if (!isHttpUrl(url)) throw invalidVariable('RUNNER_URL', urls, 'a URL such as http://runner:8790, or several with spaces between')
    const stray = strayPart(url)
    if (stray !== undefined)
      throw invalidVariable('RUNNER_URL', `… ${runnerAddress(url)} …`, `a URL of a scheme, a host and a port, and a path where there is one; this has ${stray}`)
  }
  if (variables.API_KEY_SHA256 && !/^[0-9a-f]{64}$/i.test(variables.API_KEY_SHA256))
    throw invalidVariable('API_KEY_SHA256', '…', 'the sha256 of the key, 64 hexadecimal digits')
}
