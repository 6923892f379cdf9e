import { isWeftError } from '@weft/protocol'

/** What a runner says of a composition that it cannot run, rather than of the request. */
const ofTheComposition = new Set(['composition_not_held', 'site_not_served'])

/** Failures that a text before the prompt would meet as well, and refusals that it must not get around. */
const ofTheRequest = new Set(['runner_unavailable', 'client_closed_request', 'deadline_exceeded', 'model_not_found', 'no_twin'])

/**
 * Whether a route's text may stand in for its composition: where that could not be looked up, composed or given to the runner.
 * @param refused what the runner said to the request itself, if it was asked
 */
export function mayStandIn(error: unknown, refused: unknown): boolean {
  if (isWeftError(refused) && ofTheComposition.has(refused.code)) return true
  if (error === refused || !isWeftError(error)) return false
  return !ofTheRequest.has(error.code) && error.status !== 401 && error.status !== 403 && error.status !== 429
}
