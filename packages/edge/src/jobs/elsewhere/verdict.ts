import type { Baseline, Verdict } from '@weft/adapters'
import { confusionOf, type Measured, pairedGain, scoreConfusion, type TrainerResult, verdictOf } from '@weft/protocol'
import { trainerResultWrong } from '../../executors/errors.ts'

type Compared = Pick<Measured, 'metrics' | 'baselines' | 'classes'>

/** What training elsewhere came to, of what its trainer measured: in the words, and by the rules, of every job's. Error 422 `trainer_result_invalid`. */
export function verdictOfTrainer(
  result: TrainerResult,
  {
    labels,
    maxLength,
    contextTaken,
    setAside = false,
  }: { labels: readonly string[]; maxLength: number; contextTaken?: number | undefined; setAside?: boolean },
): Verdict {
  const { trainingLoss, rows, steps, bestStep, stoppedEarly, evalLoss, lastEvalLoss, heldOutLoss, unlearned = 0, leftOut = 0, repeated, epochs } = result
  return verdictOf({
    score: labels.length > 0 ? 'accuracy' : 'loss',
    ...(labels.length > 0 ? ofClassifier(result, labels) : ofText(result)),
    trainingLoss,
    rows,
    steps,
    bestStep,
    stoppedEarly,
    labels,
    ...(evalLoss !== undefined && lastEvalLoss !== undefined && { bestLoss: evalLoss, lastLoss: lastEvalLoss }),
    maxLength,
    ...(contextTaken !== undefined && { contextTaken }),
    unlearned,
    leftOut,
    setAside,
    repeated,
    epochs,
    // A trainer leaves out what is no number.
    ...(rows.heldOut > 0 && heldOutLoss === undefined && { notFinite: true }),
  })
}

/** The manifest's metrics, on held-out rows. */
export function metricsOfTrainer({ heldOutLoss, classes }: TrainerResult, labels: readonly string[]): Record<string, number> {
  if (heldOutLoss === undefined) return {}
  if (labels.length === 0) return ofLoss(heldOutLoss)
  return { loss: heldOutLoss, ...scoreConfusion(confusionOf(checked(classes, labels), labels.length), labels) }
}

/** As a runner's metrics, without a perplexity that is no finite number of float32: of a run that went astray it may be infinite, and a manifest with it could not be read. */
function ofLoss(loss: number): Record<string, number> {
  const perplexity = Math.exp(loss)
  return { loss, ...(Number.isFinite(Math.fround(perplexity)) && { perplexity }) }
}

function ofText({ heldOut }: TrainerResult): Compared {
  const { weights, adapter, base } = heldOut ?? { weights: [], adapter: [], base: [] }
  if (adapter.length !== weights.length || base.length !== weights.length) throw trainerResultWrong('held_out has lists of different lengths')
  const total = sumOf(weights)
  if (!(total > 0)) return { metrics: {}, baselines: [], classes: {} }
  const metricsOf = (losses: readonly number[]) => ofLoss(sumOf(losses) / total)
  const bare: Baseline = {
    name: 'base',
    metrics: metricsOf(base),
    ...pairedGain(
      base.map((loss, at) => loss - adapter[at]!),
      weights,
    ),
  }
  return { metrics: metricsOf(adapter), baselines: [bare], classes: {} }
}

function ofClassifier(result: TrainerResult, labels: readonly string[]): Compared {
  const { training, truth, predicted } = checked(result.classes, labels)
  const classes = Object.fromEntries(
    labels.map((label, c) => [
      label,
      {
        training: training[c]!,
        heldOut: truth.filter((each) => each === c).length,
        found: truth.filter((each, at) => each === c && predicted[at] === c).length,
      },
    ]),
  )
  if (truth.length === 0) return { metrics: {}, baselines: [], classes }
  const likeliest = training.indexOf(Math.max(...training))
  const always = truth.map(() => likeliest)
  const scores = (found: readonly number[]) => {
    const { accuracy, balanced_accuracy, f1 } = scoreConfusion(confusionOf({ truth, predicted: found }, labels.length), labels)
    return { accuracy, balanced_accuracy, f1 } as Record<string, number>
  }
  const majority: Baseline = {
    name: 'majority',
    metrics: scores(always),
    ...pairedGain(
      truth.map((label, at) => Number(predicted[at] === label) - Number(always[at] === label)),
      truth.map(() => 1),
    ),
  }
  return { metrics: { ...(result.heldOutLoss !== undefined && { loss: result.heldOutLoss }), ...scores(predicted) }, baselines: [majority], classes }
}

function checked(classes: TrainerResult['classes'], labels: readonly string[]): NonNullable<TrainerResult['classes']> {
  if (!classes) throw trainerResultWrong('a classifier comes without classes')
  const { training, truth, predicted } = classes
  if (training.length !== labels.length) throw trainerResultWrong(`classes.training counts ${training.length} classes, and there are ${labels.length}`)
  if (truth.length !== predicted.length || [...truth, ...predicted].some((label) => label >= labels.length))
    throw trainerResultWrong('classes.truth and classes.predicted are not of the same rows and of these labels')
  return classes
}

const sumOf = (values: readonly number[]): number => values.reduce((sum, each) => sum + each, 0)
