import type { Baseline, Finding, Verdict } from '@weft/adapters'
import type { Check, Measured } from './measured.ts'
import { advisedToSettle } from './settled.ts'
import { ROUNDING, standing } from './standing.ts'
import { count, listed, longerRows, score, TEACH_NOTHING } from './wording.ts'

/** Held-out rows below which one row more or less right moves a score visibly. */
const FEW_HELD_OUT = 30
const FEW_TRAINING = 50
const FEW_OF_A_CLASS = 10
/** Share of its gain that one which is settled should keep. */
const KEPT = 0.95
/** Rows of the largest class for one of the smallest. */
const LOPSIDED = 10

/** As much as a file holds of it: five labels of the longest, in quotes, are more. */
const LONGEST = 4096

const warn = (code: string, message: string, next?: string): Finding => ({
  code,
  level: 'warn',
  message: message.slice(0, LONGEST),
  ...(next && { next }),
})
const info = (code: string, message: string, next?: string): Finding => ({ ...warn(code, message, next), level: 'info' })

/** What somebody should know before they rely on the adapter; a warning first. */
export const findingsOf = (measured: Measured): Finding[] =>
  checks
    .flatMap((check) => check(measured) ?? [])
    .map((finding) => (measured.settled ? advisedToSettle(finding, measured.outcome === 'unclear' && isChance(measured.rows)) : finding))
    .sort((a, b) => Number(b.level === 'warn') - Number(a.level === 'warn'))

/** Whether so few rows were held out that small differences are chance, and a setting that is changed for them is changed for chance. */
export const isChance = ({ heldOut }: Verdict['rows']): boolean => heldOut < FEW_HELD_OUT
const holdOutMore = 'So few held-out rows can not tell: hold out more before a setting is changed for it.'

const heldOutRows: Check = ({ rows: { heldOut, training }, setAside, outcome, score: name, maxLength, contextTaken, notFinite = false }) => {
  if (heldOut === 0 && setAside)
    return warn('no_held_out_rows', `Nothing was measured: ${TEACH_NOTHING}.`, 'Give another seed, which sets others aside, or a validation file.')
  if (heldOut === 0)
    return warn(
      'no_held_out_rows',
      `Nothing was measured: ${count(training, 'row')} ${training === 1 ? 'is' : 'are'} too few to set any aside.`,
      'Give at least ten rows, better a few hundred, or a validation file.',
    )
  if (notFinite)
    return warn(
      'held_out_loss_not_finite',
      `The loss on ${count(heldOut, 'held-out row')} is no finite number, so it is neither told nor compared.`,
      'Try a lower learning_rate; where the base alone gives none either, leave the rows out that it cannot read.',
    )
  if (outcome === 'unmeasured' && name === 'loss')
    return warn(
      'nothing_measured',
      `Nothing could be measured on ${count(heldOut, 'held-out row')}: a row of one token teaches nothing but what comes first, and the bare base cannot predict that.`,
      maxLength > 1 ? 'Give longer rows.' : `Leave a row more than one token: ${contextTaken ? 'fewer virtual tokens' : 'a higher max_length'}.`,
    )
  if (heldOut < FEW_HELD_OUT)
    return warn(
      'few_held_out_rows',
      `The score rests on ${count(heldOut, 'held-out row')}: one of them moves it by ${Math.ceil(100 / heldOut)} %.`,
      'Give more rows, or a validation file of a hundred or more.',
    )
}

const trainingRows: Check = ({ rows: { training } }) =>
  training < FEW_TRAINING
    ? warn('few_training_rows', `It learned from ${count(training, 'row')}.`, 'Give more rows: a few hundred for a style, some dozens for each class.')
    : undefined

const missingClass: Check = ({ labels, classes, rows: { heldOut } }) => {
  const missing = heldOut === 0 ? [] : labels.filter((label) => classes[label].heldOut === 0)
  if (missing.length > 0)
    return warn(
      'class_not_held_out',
      `No held-out row has the label ${listed(missing)}, so nothing is known of how well it is found.`,
      'Give a validation file that has every label.',
    )
}

const unlearnedClass: Check = ({ labels, classes }) => {
  const missing = labels.filter((label) => classes[label].training === 0)
  if (missing.length > 0)
    return warn(
      'class_not_trained',
      `No training row that counts has the label ${listed(missing)}: it cannot be learned.`,
      'Give rows of it that weigh more than 0, or leave the label out.',
    )
}

const fewOfAClass: Check = ({ labels, classes }) => {
  const few = labels.filter((label) => classes[label].training > 0 && classes[label].training < FEW_OF_A_CLASS)
  if (few.length > 0)
    return warn(
      'few_rows_of_class',
      `Fewer than ${FEW_OF_A_CLASS} training rows have the label ${listed(few)}.`,
      'Give more rows of it: some dozens teach a class.',
    )
}

const labelsAlike: Check = ({ labels }) => {
  const spellings = Map.groupBy(labels, (label) => label.normalize('NFKC').replaceAll(/\s+/g, ' ').trim().toLowerCase())
  const alike = [...spellings.values()].filter((same) => same.length > 1).flat()
  if (alike.length > 0)
    return warn(
      'labels_alike',
      `The labels ${listed(alike, 'and')} differ only by case or by blanks, and are classes of their own.`,
      'Where they mean the same, spell them alike in every row.',
    )
}

const lopsided: Check = ({ labels, classes }) => {
  const counts = labels.map((label) => classes[label].training).filter((rows) => rows > 0)
  const [most, fewest] = [Math.max(...counts), Math.min(...counts)]
  if (counts.length > 1 && most >= LOPSIDED * fewest)
    return warn(
      'classes_unbalanced',
      `The largest class has ${most} training rows and the smallest ${fewest}: accuracy says little of the small one.`,
      'Read balanced_accuracy, and give rows of the small class a higher weight.',
    )
}

const neverFound: Check = ({ labels, classes }) => {
  const lost = labels.filter((label) => classes[label].heldOut > 0 && classes[label].found === 0)
  if (lost.length > 0)
    return warn('class_never_found', `No held-out row with the label ${listed(lost)} was found.`, 'Give more rows of it, or a higher weight.')
}

const unlearnedRows: Check = ({ unlearned = 0, maxLength, contextTaken }) =>
  unlearned > 0
    ? warn(
        'rows_unlearned',
        `${count(unlearned, 'row')} ${unlearned === 1 ? 'teaches' : 'teach'} nothing and ${unlearned === 1 ? 'was' : 'were'} left out: of the ${maxLength} tokens that are kept of a row none is one that is learned.`,
        longerRows(contextTaken),
      )
    : undefined

const leftOut: Check = ({ leftOut = 0 }) =>
  leftOut > 0
    ? info(
        'rows_left_out',
        `${count(leftOut, 'row')} ${leftOut === 1 ? 'was left out: it weighs 0, or nothing in it' : 'were left out: they weigh 0, or nothing in them'} can be learned.`,
        'Give what is to be learned a weight above 0. A text of one token teaches nothing unless a soft prompt stands before it.',
      )
    : undefined

const truncated: Check = ({ rows, maxLength, contextTaken }) =>
  rows.truncated > 0
    ? warn(
        'truncated_rows',
        `${count(rows.truncated, 'row')} of ${rows.training + rows.heldOut} ${rows.truncated === 1 ? 'is' : 'are'} longer than ${maxLength} tokens and ${rows.truncated === 1 ? 'was' : 'were'} cut.`,
        longerRows(contextTaken),
      )
    : undefined

const repeatedRows: Check = ({ repeated }) =>
  repeated > 0
    ? warn(
        'held_out_rows_repeated',
        `${count(repeated, 'held-out row')} stand${repeated === 1 ? 's' : ''} among the training rows too, so the score is too good.`,
        'Take repeated rows out.',
      )
    : undefined

const rowsLearnedBefore: Check = ({ learnedBefore = 0 }) =>
  learnedBefore > 0
    ? warn(
        'held_out_rows_learned_before',
        `${count(learnedBefore, 'held-out row')} ${learnedBefore === 1 ? 'was' : 'were'} among the training rows of what it starts from, so the score is too good.`,
        'Give the seed of that run, or the validation file that it had.',
      )
    : undefined

/** The held-out loss turned, or the training rows are known far better than others. */
const overfitting: Check = ({ bestStep, steps, bestLoss, lastLoss, trainingLoss, metrics, rows }) => {
  if (bestStep !== null && bestLoss !== undefined && lastLoss !== undefined && bestStep < steps && lastLoss > bestLoss * 1.03 && lastLoss - bestLoss > 0.01)
    return warn(
      'overfitting',
      `Overfitting: the held-out loss rose from ${bestLoss.toFixed(3)} at step ${bestStep} to ${lastLoss.toFixed(3)} at step ${steps}. The parameters of step ${bestStep} were kept.`,
      isChance(rows)
        ? 'More rows help most, and tell it from chance.'
        : rows.training < 500
          ? 'More rows help most; fewer steps and a smaller adapter help too.'
          : 'Fewer steps, a lower learning_rate or a smaller adapter help.',
    )
  if (metrics.loss !== undefined && metrics.loss > 2 * trainingLoss && metrics.loss - trainingLoss > 0.2)
    return warn(
      'overfitting',
      `Overfitting: the loss is ${trainingLoss.toFixed(3)} on training rows and ${metrics.loss.toFixed(3)} on held-out ones.`,
      'More rows help most; fewer steps and a smaller adapter help too.',
    )
}

const stillLearning: Check = ({ bestStep, steps, outcome, rows }) =>
  bestStep === steps && outcome !== 'worse' && outcome !== 'unmeasured'
    ? info(
        'best_at_last_step',
        'The held-out loss was lowest at the last step.',
        isChance(rows) ? undefined : 'More steps (n_epochs, max_steps) may lower it further.',
      )
    : undefined

const unseen: Check = ({ epochs, rows: { training } }) =>
  epochs < 1
    ? info('rows_not_seen', `It saw ${Math.round(100 * epochs)} % of the ${training} training rows.`, 'n_epochs 1 or more reads every row.')
    : undefined

/** What a stack is settled for. */
const silent: Check = ({ silence }) => {
  if (!silence) return undefined
  const { before, after } = silence
  const message = `Where the others answer, its mean KL to the base is ${after.toFixed(3)} nats a token; before it was settled, ${before.toFixed(3)}.`
  return after < before ? info('silence', message) : warn('no_more_silent', `${message} It is no more silent there.`)
}

/** What it paid for that. */
const kept: Check = ({ before, baselines, metrics, rows }) => {
  const beneath = baselines.at(-1)
  if (!before || !beneath) return undefined
  const gained = beneath.metrics.loss - before.metrics.loss
  const share = gained > 0 ? (beneath.metrics.loss - metrics.loss) / gained : undefined
  const keeps = share === undefined ? '' : `: it keeps ${Math.round(100 * share)} % of what that gained over ${score(beneath.name)}`
  const message = `Alone its loss is ${metrics.loss.toFixed(3)}, and was ${before.metrics.loss.toFixed(3)} before it was settled${keeps}.`
  const lost = standing('loss', before) < 0 && (share === undefined || share < KEPT)
  return lost && !isChance(rows) ? warn('lost_in_settling', message) : info('kept_in_settling', message)
}

/** Which baseline it does not beat decides what to try. */
const notBetter: Check = ({ outcome, baselines, score: name, metrics, rows }) => {
  if (outcome !== 'unclear' && outcome !== 'worse') return undefined
  const named = (counts: (one: Baseline) => boolean, words: (names: string) => string): string[] => {
    const names = baselines.filter(counts).map((one) => `${score(one.name)} (${one.metrics[name].toFixed(3)})`)
    return names.length === 0 ? [] : [words(names.join(' and '))]
  }
  const isUnclear = (one: Baseline): boolean => standing(name, one) === 0
  // A loss of 0.5 beside 6.6 is no failure of what was trained: it is too little that was held out.
  const leads = (one: Baseline): boolean => isChance(rows) && one.gain > ROUNDING
  const stands = [
    ...named(
      (one) => standing(name, one) === -1,
      (names) => `worse than ${names}`,
    ),
    ...named(
      (one) => isUnclear(one) && leads(one),
      (names) => `better than ${names}, on too few held-out rows to be sure`,
    ),
    ...named(
      (one) => isUnclear(one) && !leads(one),
      (names) => `not clearly better than ${names}`,
    ),
  ].join(' and ')
  const message = `Its ${name} of ${metrics[name].toFixed(3)} is ${stands}.`
  const unbeaten = baselines.filter((one) => standing(name, one) < 1)
  if (unbeaten.some(({ name }) => name === 'logistic-regression'))
    return warn(
      'no_better_than_head_alone',
      message,
      outcome === 'unclear' && isChance(rows)
        ? holdOutMore
        : 'A head alone on the bare base (a linear probe) costs less and answers as well; otherwise more rows, more steps or a larger base model.',
    )
  return warn(
    'no_better_than_baseline',
    message,
    outcome === 'unclear' && isChance(rows)
      ? holdOutMore
      : outcome === 'worse'
        ? 'Try another learning_rate, a lower one where the loss rose; or more steps, another method, or more rows.'
        : 'Try a higher learning_rate, more steps, another method, or more rows.',
  )
}

const checks: readonly Check[] = [
  notBetter,
  heldOutRows,
  trainingRows,
  unlearnedClass,
  missingClass,
  neverFound,
  fewOfAClass,
  labelsAlike,
  lopsided,
  repeatedRows,
  rowsLearnedBefore,
  overfitting,
  unlearnedRows,
  leftOut,
  truncated,
  stillLearning,
  unseen,
  silent,
  kept,
]
