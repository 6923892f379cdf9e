import { isWeftError } from '@weft/protocol'

const hasCode = (error: unknown, ...codes: string[]): boolean => isWeftError(error) && codes.includes(error.code)

/** It is away, or says that it takes nothing more. */
export const isUnavailable = (error: unknown): boolean => hasCode(error, 'runner_unavailable')

/** It has said nothing for too long. */
export const isTimeout = (error: unknown): boolean => hasCode(error, 'runner_timeout')

/** It has no place for another request, whoever asks. */
export const isFull = (error: unknown): boolean => isWeftError(error) && error.code === 'too_many_waiting' && typeof error.details?.places === 'number'

/** What a runner says that holds another base model than the one that it was asked for. */
export const isOfAnotherModel = (error: unknown): boolean => hasCode(error, 'model_not_found', 'wrong_base_model', 'composition_of_another_model')

/** Whether a runner that is away has certainly not begun with what it was sent: it said so itself, or nobody listened. */
export function isRefusedConnection(error: unknown): boolean {
  const { cause } = error as { cause?: unknown }
  // What a runner refuses has no cause; a connection that failed has the host's error, whose own cause Node gives a code.
  if (cause === undefined) return true
  const codes = [cause, (cause as { cause?: unknown }).cause].map((each) => (each as { code?: unknown } | undefined)?.code)
  return codes.includes('ECONNREFUSED')
}
