import { WeftError } from '@weft/adapters'

/** Both have a token, and not the same, or one has none. @param who the runner, or vLLM @param there what it takes its own from */
export const runnerTokenRefused = (who: string, there: string) =>
  new WeftError('runner_protocol', `${who} refuses the Worker's RUNNER_TOKEN. Give both the same token: RUNNER_TOKEN here, ${there} there.`, { status: 502 })
