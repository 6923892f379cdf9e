import { WeftError } from '@weft/adapters'

const quoted = (names: readonly string[]): string => names.map((name) => `"${name}"`).join(', ')

export const executorNotFound = (name: string, known: readonly string[]) =>
  new WeftError(
    'executor_not_found',
    known.length === 0
      ? `There is no executor "${name}": this deployment declares none. Leave "executor" out, and a runner of Weft trains; or declare it under "executors" of weft.config.ts.`
      : `There is no executor "${name}"; there are ${quoted(known)}. Leave "executor" out, and a runner of Weft trains.`,
    { status: 404, param: 'executor', details: { name, executors: known } },
  )

export const executorNotHere = (name: string) =>
  new WeftError(
    'executor_not_here',
    `The executor "${name}" is a process beside the edge, and this edge runs where no process can be started. Run it on Node (\`weft serve\`), or name an executor of another kind.`,
    { status: 422, param: 'executor' },
  )

export const executorWithoutModel = (name: string, model: string) =>
  new WeftError(
    'executor_without_model',
    `The executor "${name}" does not know where its trainers find "${model}". Give executors.${name}.models.${model} of weft.config.ts: a folder of their machine, or a hub id.`,
    { status: 422, param: 'model', details: { executor: name, model } },
  )

export const executorSecretMissing = (name: string, variable: string) =>
  new WeftError(
    'executor_secret_missing',
    `The executor "${name}" wants its token in the variable ${variable}, and it is not set. Set it where the edge runs.`,
    { status: 500, param: 'executor' },
  )

/** @param instead what would do */
export const notTrainedElsewhere = (executor: string, what: string, param: string, instead: string) =>
  new WeftError('not_trained_elsewhere', `The executor "${executor}" trains with PEFT, which has no ${what}. ${instead}`, {
    status: 422,
    param,
    details: { executor, what },
  })

/** @param url where it was asked */
export const executorUnavailable = (name: string, url: string, reason: string, cause?: unknown) =>
  new WeftError('executor_unavailable', `The executor "${name}" at ${new URL(url).origin} cannot be reached (${reason}). It is asked again.`, {
    status: 503,
    cause,
  })

export const executorRefused = (name: string, status: number, message: string) =>
  new WeftError('executor_refused', `The executor "${name}" refused with status ${status}: ${message.slice(0, 500)}`, {
    status: 500,
    details: { executor: name, status },
  })

export const trainerLost = (executor: string, attempts: number, last: string) =>
  new WeftError(
    'trainer_lost',
    `The trainer at the executor "${executor}" was lost ${attempts} times without a result, so the job was given up. What is known of the last: ${last.replace(/[.\s]+$/, '')}. Look into its log there.`,
    { status: 500, details: { executor, attempts } },
  )

/** @param missing what Python says of the module */
export const trainerNotInstalled = (executor: string, missing: string) =>
  new WeftError(
    'trainer_not_installed',
    `The trainer at the executor "${executor}" cannot begin: ${missing}. Install it for the Python that starts it there (pip install ./gpu-runner/peft), and make the job again.`,
    { status: 500, details: { executor } },
  )

export const trainerTooLong = (executor: string, hours: number) =>
  new WeftError(
    'trainer_too_long',
    `The trainer at the executor "${executor}" had ${hours} hours and was not done. Ask for less, or raise executors.${executor}.hours of weft.config.ts.`,
    { status: 500, details: { executor, hours } },
  )

export const notPausedElsewhere = (id: string, executor: string) =>
  new WeftError(
    'not_paused_elsewhere',
    `Job "${id}" is trained by the executor "${executor}", which keeps nothing that it could go on from: a pause would lose all of it. Let it end, or cancel it.`,
    { status: 409 },
  )

export const trainerNotKnown = (id: string) =>
  new WeftError(
    'trainer_not_known',
    `This is not the token of the present trainer of job "${id}": the job is over, another trainer has it, or there is no such job. End, and leave it alone.`,
    { status: 403 },
  )

export const baseDiffers = (name: string, nats: number, most: number) =>
  new WeftError(
    'base_differs',
    `The trainer's base model is not "${name}" of this deployment: their log-probabilities of the same tokens are ${nats.toFixed(3)} nats apart, and rounding makes ${most} at most. Give the executor the same checkpoint (executors.….models).`,
    { status: 422, details: { nats, most } },
  )

export const trainerResultWrong = (why: string) => new WeftError('trainer_result_invalid', `The trainer's result cannot be right: ${why}.`, { status: 422 })
