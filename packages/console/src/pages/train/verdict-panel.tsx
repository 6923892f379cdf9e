import type { Verdict } from '@weft/adapters'
import { DataTable } from '../../controls/data-table.tsx'

const outcomes = { better: 'Better than every baseline', unclear: 'Not clearly better', worse: 'Worse than a baseline', unmeasured: 'Not measured' }

const names = {
  base: 'bare base',
  beneath: 'what lies beneath',
  majority: 'always the commonest class',
  'logistic-regression': 'linear probe of the bare base',
}

/** What training came to: the score beside the baselines, what it rests on, what to mind and what to try next. */
export const VerdictPanel = ({ verdict, name }: { verdict: Verdict; name: string }) => {
  const { outcome, summary, score, metrics, baselines, rows, steps, bestStep, stoppedEarly, findings, before } = verdict
  const shown = (value: number | undefined): string => (value === undefined ? '–' : score === 'accuracy' ? `${(100 * value).toFixed(1)} %` : value.toFixed(3))
  const scores = [
    { who: name, value: metrics[score], gain: undefined, error: undefined },
    ...baselines.map((one) => ({ who: names[one.name], value: one.metrics[score], gain: one.gain, error: one.standardError })),
    ...(before ? [{ who: 'the version before', value: before.metrics[score], gain: before.gain, error: before.standardError }] : []),
  ]
  return (
    <section class="panel stack" aria-labelledby="verdict">
      <h3 id="verdict">Verdict: {outcomes[outcome]}</h3>
      <p>{summary}</p>
      {outcome !== 'unmeasured' && (
        <DataTable
          caption={score === 'accuracy' ? 'Accuracy on held-out rows' : 'Loss on held-out rows, lower is better'}
          rows={scores}
          keyOf={({ who }) => who}
          columns={[
            { title: 'Who', cell: ({ who }) => who },
            { title: score, cell: ({ value }) => shown(value), numeric: true },
            { title: 'Better by', cell: ({ gain }) => shown(gain), numeric: true },
            { title: 'Standard error', cell: ({ error }) => shown(error ?? undefined), numeric: true },
          ]}
        />
      )}
      <p class="quiet">
        It rests on {rows.training} training rows and {rows.heldOut} held-out rows{rows.truncated > 0 && `, ${rows.truncated} of them cut`}.{' '}
        {stoppedEarly ? `Stopped early at step ${steps}` : `${steps} ${steps === 1 ? 'step' : 'steps'}`}
        {steps === 1 && bestStep === 1 ? '.' : bestStep === null ? '; the last parameters were kept.' : `; step ${bestStep} was kept.`}
      </p>
      {findings.length > 0 && (
        <ul class="findings">
          {findings.map(({ code, level, message, next }) => (
            <li key={code}>
              <strong>{level === 'warn' ? 'Mind: ' : ''}</strong>
              {message} {next && <span class="quiet">Next: {next}</span>}
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}
