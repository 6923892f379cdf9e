import type { WeftConfig } from '@weft/protocol'
import type { Container, ServiceIdentifier } from 'inversify'
import { admitEveryone, admitLocal } from './auth/admit.ts'
import { bootstrapKey } from './auth/authenticate.ts'
import { allowedOrigins } from './auth/origins.ts'
import { httpTransport } from './runner/http/transport.ts'
import { tokens } from './tokens.ts'

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

/** Binds what follows from the variables alone: who is let in, the way to the runner, and the bounds. */
export function bindVariables(container: Container, variables: DeploymentVariables, config: WeftConfig): void {
  const value = <T>(token: ServiceIdentifier<T>, constant: T) => void container.bind(token).toConstantValue(constant)
  value(tokens.maxFileBytes, Number(variables.MAX_FILE_BYTES))
  value(tokens.waits, { longestMs: Number(variables.REQUEST_TIMEOUT_MS), blanksAfterMs: Number(variables.BLANKS_AFTER_MS) })
  value(tokens.runnerStartMs, Number(variables.RUNNER_START_MS))
  value(tokens.batchConcurrency, Number(variables.BATCH_CONCURRENCY))
  const localKeys = variables.LOCAL_KEY?.split(/\s+/).filter(Boolean) ?? []
  const local = localKeys.length > 0 && !variables.API_KEY_SHA256
  const origins = allowedOrigins(config.origins, { local })
  value(tokens.origins, origins)
  value(tokens.admit, local ? admitLocal(origins) : admitEveryone)
  value(tokens.bootstrapKey, bootstrapKey({ apiKeySha256: variables.API_KEY_SHA256, localKeys }))
  value(tokens.localKeyFile, variables.LOCAL_KEY_FILE)
  value(tokens.secret, (name) => (variables as unknown as Record<string, string | undefined>)[name])
  value(tokens.signingKey, variables.SIGNING_KEY)
  value(tokens.runnerUrls, variables.RUNNER_URL.split(/\s+/).filter(Boolean))
  value(tokens.openTransport, (url) => httpTransport({ url, token: variables.RUNNER_TOKEN, timeoutMs: Number(variables.RUNNER_TIMEOUT_MS) }))
}
