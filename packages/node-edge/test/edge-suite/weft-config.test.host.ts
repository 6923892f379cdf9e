import { inject } from 'vitest'
import { deployedBeside } from '../../../edge/test/deployment.ts'

/** Beside the scripted runner that is started for the suite. */
export default deployedBeside(inject('runnerUrl' as never))
