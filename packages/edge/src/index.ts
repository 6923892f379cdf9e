import { containerOf, supervisorsOf } from './cloudflare-composition-root.ts'
import type { Environment, TrainingMessage } from './environment.ts'
import { trainingJobObject } from './jobs/cloudflare/training-job-object.ts'
import { tokens } from './tokens.ts'

/** One training job, as `wrangler.toml` names it. */
export class TrainingJob extends trainingJobObject(supervisorsOf) {}

export default {
  fetch: (request, env, context) => containerOf(env).get(tokens.app).fetch(request, env, context),

  /** Wakes each job; a message that keeps failing ends in the dead letter queue, and is logged from there. */
  async queue(batch, env) {
    for (const message of batch.messages) {
      if (batch.queue.endsWith('-dead')) {
        console.error(`training job ${message.body.job} could not be woken; the next sweep tries again`)
        continue
      }
      await containerOf(env).get(tokens.jobQueue).wake(message.body.job)
      message.ack()
    }
  },

  /** A message or an alarm that got lost is noticed also where nobody asks for `/health`; and what has expired goes. */
  async scheduled(_, env) {
    await Promise.all([containerOf(env).get(tokens.jobQueue).sweep(), containerOf(env).get(tokens.sweepResponses)()])
  },
} satisfies ExportedHandler<Environment, TrainingMessage>
