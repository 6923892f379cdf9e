import type { WeftConfig } from '@weft/protocol'
import type { Container, ServiceIdentifier } from 'inversify'
import { admitEveryone, admitLocal } from './auth/admit.ts'
import { bootstrapKey } from './auth/authenticate.ts'
import { allowedOrigins } from './auth/origins.ts'
import { checkVariables, type DeploymentVariables } from './deployment/variables.ts'
import { httpTransport } from './runner/http/transport.ts'
import { tokens } from './tokens.ts'

/** Binds what follows from the variables alone: who is let in, the way to the runner, and the bounds. Error 400 `invalid_variable`. */
export function bindVariables(container: Container, variables: DeploymentVariables, config: WeftConfig): void {
  checkVariables(variables, { runners: config.runners !== undefined || config.runner?.url !== undefined })
  const value = <T>(token: ServiceIdentifier<T>, constant: T) => void container.bind(token).toConstantValue(constant)
  value(tokens.maxFileBytes, Number(variables.MAX_FILE_BYTES))
  value(tokens.waits, { longestMs: Number(variables.REQUEST_TIMEOUT_MS), blanksAfterMs: Number(variables.BLANKS_AFTER_MS) })
  value(tokens.runnerStartMs, Number(variables.RUNNER_START_MS))
  value(tokens.batchConcurrency, Number(variables.BATCH_CONCURRENCY))
  const localKeys = variables.LOCAL_KEY?.split(/\s+/).filter(Boolean) ?? []
  const local = localKeys.length > 0 && !variables.API_KEY_SHA256
  const origins = allowedOrigins(config.origins, { local })
  value(tokens.origins, origins)
  value(tokens.isLocal, local)
  value(tokens.admit, local ? admitLocal(origins) : admitEveryone)
  value(tokens.bootstrapKey, bootstrapKey({ apiKeySha256: variables.API_KEY_SHA256, localKeys }))
  value(tokens.localKeyFile, variables.LOCAL_KEY_FILE)
  value(tokens.secret, (name) => (variables as unknown as Record<string, string | undefined>)[name])
  value(tokens.signingKey, variables.SIGNING_KEY)
  value(tokens.runnerUrls, (variables.RUNNER_URL ?? '').split(/\s+/).filter(Boolean))
  value(tokens.openTransport, (url) => httpTransport({ url, token: variables.RUNNER_TOKEN, timeoutMs: Number(variables.RUNNER_TIMEOUT_MS) }))
}
