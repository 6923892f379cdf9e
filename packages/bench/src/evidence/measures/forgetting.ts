import { joined } from '@weft/adapters'
import type { ModelSession } from '@weft/session'
import { fitLogisticRegression } from '@weft/training/verdict/logistic-regression'
import { cutTask } from '../../defaults/cut.ts'
import { lossOn } from '../../defaults/scores.ts'
import type { SplitTask } from '../../defaults/task.ts'
import { foreignTask, foreignTexts, taskOf } from '../tasks.ts'

const TEXTS = 24
const PROBE_ROWS = 128
const PROBE_HELD_OUT = 100

/**
 * What the model does of what an adapter was not trained for, with the adapter on, over what it does without. Of a decoder the perplexity of foreign text, so that
 * above 1 is worse; of an encoder the accuracy on a foreign task of a probe fitted to the bare model's vectors, so that below 1 is worse.
 */
export const forgettingOf = async (session: ModelSession, name: string, task: string, maxLength: number): Promise<number> => {
  if (session.model.spec.bidirectional) return probeKept(session, name, cutTask(session.model, taskOf(foreignTask(task)), maxLength))
  const rows = foreignTexts(task, TEXTS).map((text) => ({ text }))
  return Math.exp((await lossOn(session, name, rows)) - (await lossOn(session, 'base', rows)))
}

const probeKept = async (session: ModelSession, name: string, { training, heldOut }: SplitTask): Promise<number> => {
  const rows = (from: typeof training, count: number) => from.slice(0, count).flatMap((row) => ('label' in row ? [row] : []))
  const [learned, read] = [rows(training, PROBE_ROWS), rows(heldOut, PROBE_HELD_OUT)]
  const labels = [...new Set(learned.map(({ label }) => label))]
  const vectors = async (expression: string, of: typeof learned): Promise<Float32Array> =>
    joined(
      await session.embed(
        expression,
        of.map(({ text }) => text),
      ),
    )
  const size = session.model.spec.hiddenSize
  const classes = learned.map(({ label }) => labels.indexOf(label))
  const span = { first: 0, count: labels.length }
  const predict = await fitLogisticRegression({ features: await vectors('base', learned), size, classes, weights: classes.map(() => 1) }, [span])
  const accuracy = async (expression: string): Promise<number> => {
    const predicted = predict(
      await vectors(expression, read),
      read.map(() => span),
    )
    return predicted.filter((label, i) => labels[label] === read[i].label).length / read.length
  }
  return (await accuracy(name)) / (await accuracy('base'))
}
