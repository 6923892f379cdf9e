import { WeftError } from '@weft/adapters'

/** What a runner's refusal to serve comes to, by its name: for operators. */
interface LeftOut {
  runner: string
  reason: string
}

/** @param leftOut every runner of the pool and why it does not answer; empty where there is none at all */
export const noRunner = (work: string, model: string | undefined, leftOut: readonly LeftOut[]) =>
  new WeftError(
    'runner_unavailable',
    leftOut.length === 0
      ? `There is no runner for ${work}: the pool is empty. Look at "runners" in the config, and at what its DNS name stands for.`
      : `None of ${leftOut.length} runners for ${work}${model === undefined ? '' : ` serves "${model}" now`} (${leftOut.map(({ runner, reason }) => `${runner}: ${reason}`).join('; ')}). Try again shortly.`,
    { status: 503, details: { runners: leftOut } },
  )

export const runnerOfAnotherModel = (model: string, fingerprint: string, agreed: string, others: readonly string[]) =>
  new WeftError(
    'runner_of_another_model',
    `It holds another "${model}" (${short(fingerprint)}) than ${others.join(', ')} (${short(agreed)}), and is not asked for it. Give one of the models another name, or start this runner over the same one.`,
    { status: 502, details: { model, fingerprint, expected: agreed } },
  )

export const runnerFingerprintFalse = (runner: string, model: string, why: string) =>
  new WeftError(
    'runner_fingerprint_false',
    `${runner} says that it holds "${model}" and does not: ${why}. It is asked nothing more until it is started again. Look at what it was started over.`,
    { status: 502, details: { runner, model } },
  )

export const runnerAnswersDiffer = (runner: string, { name, fingerprint }: { name: string; fingerprint: string }, others: readonly string[]) =>
  new WeftError(
    'runner_answers_differ',
    `${runner} says that it holds "${name}" (${short(fingerprint)}) as ${others.join(', ')} ${others.length === 1 ? 'does' : 'do'}, and answers the same tokens with other probabilities. It is asked nothing for it until it answers alike. Look at what it was started over.`,
    { status: 502, details: { runner, model: name, fingerprint, others } },
  )

export const nameNotResolved = (host: string, reason: string) =>
  new WeftError('runner_unavailable', `The runners' name "${host}" was not resolved: ${reason}.`, { status: 503, details: { host } })

const short = (fingerprint: string): string => (fingerprint.length > 20 ? `${fingerprint.slice(0, 19)}…` : fingerprint)
