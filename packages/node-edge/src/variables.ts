import { readSigningKey } from '@weft/adapters'
import { checkVariables, type DeploymentVariables, invalidVariable } from '@weft/edge/host'
import { localKeyNeedsLoopback } from './errors.ts'

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
  checkVariables(variables, { runners: false })
  if (variables.LOCAL_KEY !== undefined && !isLoopback(host)) throw localKeyNeedsLoopback(host)
  return variables
}

/** Whether the key that signs what jobs publish can sign: a job would train to its end first. Error 400 `invalid_variable`, which shows nothing of it. */
export async function checkSigningKey({ SIGNING_KEY: key }: DeploymentVariables): Promise<void> {
  if (key === undefined) return
  await readSigningKey(key).catch(() => {
    throw invalidVariable(
      'SIGNING_KEY',
      '…',
      'an Ed25519 private key in PEM (PKCS #8), as "npx weft sign-keys new" makes one; several lines, the first and last included',
    )
  })
}
