import type { Baseline, Verdict } from '@weft/adapters'
import { findingsOf, isChance } from './findings.ts'
import type { Measured } from './measured.ts'
import { standing } from './standing.ts'
import { score as called, count, TEACH_NOTHING } from './wording.ts'

/** What training came to, of everything that was measured. */
export const verdictOf = (measured: Omit<Measured, 'outcome'>): Verdict => {
  const outcome = outcomeOf(measured)
  const { score, metrics, trainingLoss, baselines, rows, steps, bestStep, stoppedEarly, silence, before } = measured
  return {
    outcome,
    summary: summaryOf(measured, outcome),
    score,
    metrics,
    trainingLoss,
    baselines,
    rows,
    steps,
    bestStep,
    stoppedEarly,
    ...(silence && { silence }),
    ...(before && { before }),
    findings: findingsOf({ ...measured, outcome }),
  }
}

const outcomeOf = ({ baselines, metrics, score }: Omit<Measured, 'outcome'>): Verdict['outcome'] => {
  if (metrics[score] === undefined || baselines.length === 0) return 'unmeasured'
  const standings = baselines.map((one) => standing(score, one))
  return standings.includes(-1) ? 'worse' : standings.includes(0) ? 'unclear' : 'better'
}

const summaryOf = ({ rows, score, metrics, baselines, setAside }: Omit<Measured, 'outcome'>, outcome: Verdict['outcome']): string => {
  const on = `on ${count(rows.heldOut, 'held-out row')}`
  if (outcome === 'unmeasured' && rows.heldOut === 0) return `Nothing was measured, since ${setAside ? TEACH_NOTHING : 'no row was held out'}.`
  if (outcome === 'unmeasured') return `Nothing could be measured ${on}.`
  const beside = baselines.map((one) => `${called(one.name)} ${shown(score, one.metrics)}`).join(', ')
  const worseThan = baselines.filter((one) => standing(score, one) < 0)
  const said = {
    better: 'better than each',
    unclear: isChance(rows) ? 'too few rows to tell' : 'not clearly better',
    worse: `worse than ${worseThan.map(({ name }) => called(name)).join(' and ')}`,
    unmeasured: '',
  }[outcome]
  return `${score === 'loss' ? 'Loss' : 'Accuracy'} ${shown(score, metrics)} ${on}; ${beside}: ${said}.`
}

const shown = (score: Verdict['score'], metrics: Baseline['metrics']): string =>
  score === 'accuracy' ? `${(100 * metrics.accuracy).toFixed(1)} %` : metrics.loss.toFixed(3)
