import { tokens } from '@weft/edge/host'
import { host } from './host.test.host.ts'

/** What a timer does here and a cron trigger there. */
export default {
  async scheduled(): Promise<void> {
    const { container } = host.root
    await Promise.all([container.get(tokens.jobQueue).sweep(), container.get(tokens.batchQueue).sweep(), container.get(tokens.sweepResponses)()])
  },
}
