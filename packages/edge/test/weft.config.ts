import { env } from 'cloudflare:workers'
import { deployedBeside } from './deployment.ts'

/** Beside the scripted runner of this worker: each has one of its own. */
export default deployedBeside(env.RUNNER_URL)
