/** What the suite sets of a deployment's variables, on every host. @param runnerUrl where the scripted runner is */
export const suiteVariables = (runnerUrl: string) => ({
  LOCAL_KEY: 'weft-local',
  RUNNER_URL: runnerUrl,
  RUNNER_TOKEN: 'runner-token',
  LOG_REQUESTS: 'off',
  RUNNER_TIMEOUT_MS: '2500',
  RUNNER_START_MS: '0',
  MAX_FILE_BYTES: '100000',
  BLANKS_AFTER_MS: '3000',
})
