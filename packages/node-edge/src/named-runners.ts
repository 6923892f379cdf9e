import { invalidVariable } from '@weft/edge/host'
import { isWeftError, type RunnersConfig, runnerPools, type WeftConfig } from '@weft/protocol'
import { runnersNamedTwice, runnersVariableWrong } from './errors.ts'

/**
 * The configuration with the runners that the variable `RUNNERS` names, as JSON of what `runners` takes: whoever deploys knows where they are, and the configuration need not.
 * Errors 400 `invalid_variable`, `runners_named_twice`, `runners_config_invalid`.
 */
export function withNamedRunners(config: WeftConfig, { RUNNERS: text, RUNNER_URL: url }: NodeJS.ProcessEnv): WeftConfig {
  if (!text) return config
  const other = config.runners
    ? 'runners of the configuration'
    : config.runner?.url
      ? 'runner.url of the configuration'
      : url
        ? 'the variable RUNNER_URL'
        : undefined
  if (other !== undefined) throw runnersNamedTwice(other)
  let runners: unknown
  try {
    runners = JSON.parse(text)
  } catch {
    throw invalidVariable('RUNNERS', text, 'JSON, such as {"pools": {"chat": {"dns": "http://chat.internal:8790"}}}')
  }
  const noSuch = () => invalidVariable('RUNNERS', text, 'a list of URLs, or an object with "dns" or "pools"')
  if (typeof runners !== 'object' || runners === null) throw noSuch()
  try {
    runnerPools(runners as RunnersConfig)
  } catch (error) {
    // A configuration has its types to say where there is a number for a pool; JSON has none.
    throw isWeftError(error) ? runnersVariableWrong(error.message) : noSuch()
  }
  return { ...config, runners: runners as RunnersConfig }
}
