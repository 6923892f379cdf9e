import { follow } from './follow.ts'
import type { SupervisedJob, Supervision } from './supervision.ts'

/** What a pause leaves to be done: what is new at the runner is copied, its last checkpoint too, and then the runner is free for others. */
export async function settlePause(supervision: Supervision, supervised: SupervisedJob): Promise<null> {
  const { state, save, log } = supervised
  if (!state.pausePending) return null
  const { id } = state.record.job
  if (!supervision.trainers.isGone(state.runner)) {
    const training = supervision.trainers.at(state.runner)
    const report = await training.job(id, state.runnerSeq)
    // Steps that lie before the checkpoint are not taken again: what was measured in them is told now or never.
    if (report) await follow(supervision, supervised, report)
    await training.cancel(id)
  }
  state.pausePending = false
  state.submitted = false
  state.inHands = false
  state.unanswered = 0
  await save()
  const step = state.checkpoints.at(-1)?.stepNumber
  log({ level: 'info', type: 'message', message: step === undefined ? 'Paused; it has no checkpoint yet.' : `Paused, with the checkpoint of step ${step}.` })
  return null
}
