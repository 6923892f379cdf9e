import { isWeftError } from '@weft/protocol'
import type { Context } from 'hono'
import { afterAnswer } from '../http/after-answer.ts'
import type { Variables } from '../http/variables.ts'
import { Admission } from '../limits/admission.ts'
import { policyRefused } from '../limits/errors.ts'
import { rateLimitHeaders } from '../limits/rate-limit-headers.ts'
import type { MeantRoute, ResolvedModel, ResolveOptions } from '../resolve/resolve-model.ts'
import type { Caller } from '../runner/caller.ts'
import { Meter } from '../runner/meter.ts'
import type { AskDependencies } from './ask-dependencies.ts'
import { nameAnswer } from './name-answer.ts'
import type { Place } from './runner-places.ts'
import { copyToShadow } from './shadow.ts'
import { mayStandIn } from './stand-in.ts'
import { usageOf } from './usage-of.ts'

/**
 * Asks the runner about what a request's `model` field names. The one way from an endpoint to inference: policies are kept to, limits
 * counted, variants chosen and costs noted here.
 * @param call may be called again: when the runner got what it lacked, with the text that stands in for a composition, and for a shadow. It asks with the caller that it is given.
 */
export type AskModel = <T>(
  c: Context<Variables>,
  model: string,
  call: (found: ResolvedModel, caller: Caller) => Promise<T>,
  caller: Caller,
) => Promise<{ resolved: ResolvedModel; answer: T }>

/** Tokens of an answer whose length nobody has said, for what is reserved until it is known. */
const usualTokens = 256

/** Errors 403 `policy_refused`, 429 `rate_limit_exceeded` and `too_many_waiting`, and those of resolving and of the runner. */
export const askModel =
  (needs: AskDependencies): AskModel =>
  async (c, model, call, waiting) => {
    const { resolve, hashFirst, limiter, places, recordUsage } = needs
    const stores = c.get('stores')
    const { user, maxTokens, promptTokens = 0, answers = 0, words } = c.get('asked') ?? {}
    const meter = new Meter()
    const caller = { ...waiting, meter }
    const admission = new Admission(limiter, stores.tenant)
    const request: ResolveOptions = {
      stores,
      signal: caller.signal,
      words,
      caller: waiting,
      maxTokens,
      keptBy: (header) => (header && c.req.header(header)) ?? user ?? caller.requestId ?? '',
    }
    let answering: MeantRoute | ResolvedModel | undefined
    let place: Place | undefined

    const onMeant = (meant: MeantRoute): void => {
      answering = nameAnswer(c, meant)
    }
    /** Once it is known what it asks for; where a runner chooses that, before it does: what is over its limits costs no runner anything. */
    const letIn = async ({
      policies: { refusals, limits, maxTokens: most = Number.POSITIVE_INFINITY },
      defaults,
    }: Pick<ResolvedModel, 'policies' | 'defaults'>) => {
      if (refusals.length > 0) throw policyRefused(refusals)
      await admission.admit(limits, {
        tokens: promptTokens + answers * Math.min(maxTokens ?? defaults.maxTokens ?? usualTokens, most),
        longestMs: Math.max(0, caller.until - Date.now()),
        onVerdict: (allowances) => {
          for (const [name, value] of rateLimitHeaders(allowances)) c.header(name, value)
        },
      })
    }
    const ask = (as: 'answer' | 'twin', refusedBy: (error: unknown) => void) =>
      hashFirst(
        async ({ fresh }) => {
          const resolved = await resolve(model, { ...request, fresh, as, onMeant: as === 'answer' ? onMeant : undefined, beforeChoice: letIn })
          // A text that stands in does so for the variant that was meant: it is that one which failed.
          const found = as === 'twin' && answering?.variant !== undefined ? { ...resolved, variant: answering.variant } : resolved
          answering = found
          await letIn(found)
          return nameAnswer(c, found)
        },
        (found, placement) =>
          call(found, { ...caller, placement, ...found.policies.scheduling, ...(found.route === undefined ? {} : { route: found.route }) }).catch(
            (error: unknown) => {
              refusedBy(error)
              throw error
            },
          ),
        caller,
      )

    const note = (failure?: unknown) =>
      afterAnswer(
        c,
        meter.ended.then((cost) => Promise.all([admission.settle(cost), recordUsage(stores.tenant, ...usageOf(answering, cost, failure ?? cost.failure))])),
      )
    const leave = (): void => meter.stop(timeIsOver(caller.signal))
    caller.signal.addEventListener('abort', leave, { once: true })
    // Node keeps a signal that is made of others for as long as somebody listens to it, and with it all of the request.
    void meter.ended.then(() => caller.signal.removeEventListener('abort', leave))
    try {
      const taken = places.take(stores.tenant)
      place = taken
      const answered = await standingIn(ask)
      taken.answered()
      void meter.ended.then(() => taken.left())
      note()
      meter.asked()
      if (answered.resolved.shadow) copyToShadow(c, needs, { model, found: answered.resolved, call, request, caller })
      return answered
    } catch (error) {
      place?.failed(error)
      meter.stop()
      note(error)
      throw error
    }
  }

/** A deadline that has passed is a failure; a client that has left is none. */
const timeIsOver = ({ reason }: AbortSignal): unknown => (isWeftError(reason) ? reason : undefined)

/** Asks, and asks the text that stands in where the composition cannot be served. Where that fails as well, what failed first is told. */
async function standingIn<T>(ask: (as: 'answer' | 'twin', refusedBy: (error: unknown) => void) => Promise<T>): Promise<T> {
  let refused: unknown
  try {
    return await ask('answer', (error) => (refused = error))
  } catch (error) {
    if (!mayStandIn(error, refused)) throw error
    return ask('twin', () => {}).catch(() => {
      throw error
    })
  }
}
