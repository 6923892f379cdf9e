import { errorBody } from '@weft/protocol'
import type { Hono } from 'hono'
import { batchObject } from './batches/cloudflare/batch-object.ts'
import { batchSupervisorsOf, containerOf, supervisorsOf } from './cloudflare-composition-root.ts'
import { deploymentMisconfigured } from './deployment/errors.ts'
import type { BatchMessage, Environment, TrainingMessage } from './environment.ts'
import type { Variables } from './http/variables.ts'
import { trainingJobObject } from './jobs/cloudflare/training-job-object.ts'
import { tokens } from './tokens.ts'

/** One training job, as `wrangler.toml` names it. */
export class TrainingJob extends trainingJobObject(supervisorsOf) {}

/** One batch, as `wrangler.toml` names it. */
export class Batch extends batchObject(batchSupervisorsOf) {}
/** One tenant's limits. */
export { TenantLimitsObject as TenantLimits } from './limits/cloudflare/tenant-limits-object.ts'

export default {
  fetch(request, env, context) {
    let app: Hono<Variables>
    try {
      app = containerOf(env).get(tokens.app)
    } catch (error) {
      console.error('this deployment cannot answer:', error instanceof Error ? error.message : error)
      return Response.json(errorBody(deploymentMisconfigured()), { status: 500 })
    }
    const answer = app.fetch(request, env, context)
    // Once a client has left, a Worker goes on with what it was told to wait for alone: else what the request cost is never counted, and what it holds never given back.
    context.waitUntil(Promise.resolve(answer))
    return answer
  },

  /** Wakes each job and batch; a message that keeps failing ends in the dead letter queue, and is logged from there. */
  async queue({ queue, messages }, env) {
    for (const message of messages) {
      const { body } = message
      const [id, queued] = 'batch' in body ? ([body.batch, tokens.batchQueue] as const) : ([body.job, tokens.jobQueue] as const)
      if (queue.endsWith('-dead')) {
        console.error(`${id} could not be woken; the next sweep tries again`)
        continue
      }
      await containerOf(env).get(queued).wake(id)
      message.ack()
    }
  },

  /** A message or an alarm that got lost is noticed also where nobody asks for `/health`; and what has expired goes. */
  async scheduled(_, env) {
    const container = containerOf(env)
    await Promise.all([container.get(tokens.jobQueue).sweep(), container.get(tokens.batchQueue).sweep(), container.get(tokens.sweepResponses)()])
  },
} satisfies ExportedHandler<Environment, TrainingMessage | BatchMessage>
