import { readSigningKey } from '@weft/adapters'
import type { DeploymentVariables } from '@weft/edge/host'
import { isHttpUrl, runnerAddress, strayPart } from '@weft/protocol'
import { localKeyNeedsLoopback, variableNotUnderstood } from './errors.ts'

/** As `wrangler.toml` sets them; each may be another in the environment. */
const defaults = {
  RUNNER_URL: 'http://127.0.0.1:8790',
  RUNNER_TIMEOUT_MS: '300000',
  RUNNER_START_MS: '20000',
  REQUEST_TIMEOUT_MS: '600000',
  BLANKS_AFTER_MS: '10000',
  MAX_FILE_BYTES: '67108864',
  BATCH_CONCURRENCY: '6',
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
const secrets = ['RUNNER_TOKEN', 'SIGNING_KEY', 'API_KEY_SHA256', 'LOCAL_KEY', 'LOCAL_KEY_FILE', 'LOG_REQUESTS'] as const

const isLoopback = (host: string): boolean => ['127.0.0.1', '::1', 'localhost'].includes(host)

/**
 * What the environment says of the deployment. Errors 400 `invalid_variable`, `local_key_elsewhere`.
 * @param runnerUrl the configuration's; the environment's comes before it
 */
export function deploymentVariables(
  environment: NodeJS.ProcessEnv,
  { host, runnerUrl }: { host: string; runnerUrl?: string | undefined },
): DeploymentVariables {
  const given = (name: string): string | undefined => environment[name] || undefined
  const variables: DeploymentVariables = { ...defaults, ...(runnerUrl === undefined ? {} : { RUNNER_URL: runnerUrl }) }
  for (const name of Object.keys(defaults) as (keyof typeof defaults)[]) variables[name] = given(name) ?? variables[name]
  for (const name of secrets) if (given(name) !== undefined) variables[name] = given(name)!
  for (const [name, [least, most]] of Object.entries(numbers) as [keyof typeof numbers, readonly [number, number]][]) {
    const value = variables[name]
    if (!/^\d+$/.test(value) || Number(value) < least || Number(value) > most)
      throw variableNotUnderstood(name, value, most === longestMs ? `a whole number from ${least} to ${most}` : `a whole number of at least ${least}`)
  }
  if (!['on', 'off', undefined].includes(variables.LOG_REQUESTS)) throw variableNotUnderstood('LOG_REQUESTS', variables.LOG_REQUESTS!, '"on" or "off"')
  for (const url of variables.RUNNER_URL.trim().split(/\s+/)) {
    if (!isHttpUrl(url)) throw variableNotUnderstood('RUNNER_URL', variables.RUNNER_URL, 'a URL such as http://runner:8790, or several with spaces between')
    const stray = strayPart(url)
    if (stray !== undefined)
      throw variableNotUnderstood(
        'RUNNER_URL',
        `… ${runnerAddress(url)} …`,
        `a URL of a scheme, a host and a port, and a path where there is one; this has ${stray}`,
      )
  }
  if (variables.API_KEY_SHA256 !== undefined && !/^[0-9a-f]{64}$/i.test(variables.API_KEY_SHA256))
    throw variableNotUnderstood('API_KEY_SHA256', '…', 'the sha256 of the key, 64 hexadecimal digits')
  if (variables.LOCAL_KEY !== undefined && !isLoopback(host)) throw localKeyNeedsLoopback(host)
  return variables
}

/** Whether the key that signs what jobs publish can sign: a job would train to its end first. Error 400 `invalid_variable`, which shows nothing of it. */
export async function checkSigningKey({ SIGNING_KEY: key }: DeploymentVariables): Promise<void> {
  if (key === undefined) return
  await readSigningKey(key).catch(() => {
    throw variableNotUnderstood(
      'SIGNING_KEY',
      '…',
      'an Ed25519 private key in PEM (PKCS #8), as "npx weft sign-keys new" makes one; several lines, the first and last included',
    )
  })
}
