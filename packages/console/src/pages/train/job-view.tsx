import { type FineTuningJob, type FineTuningJobEvent, isFinal } from '@weft/protocol'
import { Button } from '../../controls/button.tsx'
import { Curves } from '../../controls/curves.tsx'
import { DataTable } from '../../controls/data-table.tsx'
import { ErrorNote } from '../../controls/error-note.tsx'
import { Link } from '../../routing/link.tsx'
import { addressOf } from '../../routing/location.ts'
import { useSession } from '../../session/session.ts'
import { Candidate } from '../adapters/candidate.tsx'
import { durationText } from './estimate.ts'
import { type Losses, lossesOf } from './job-progress.ts'
import { StopButton } from './stop-button.tsx'
import { useJob } from './use-job.ts'
import { VerdictPanel } from './verdict-panel.tsx'

/** Events shown; a long run tells of every step. */
const MOST_EVENTS = 60

/** One job: how far it is, its losses, what it said, and at its end its verdict. */
export const JobView = ({ id }: { id: string }) => {
  const { weft } = useSession()
  const { job, events, error, acting, act } = useJob(id)
  const losses = lossesOf(events)
  const messages = events.filter(({ type }) => type === 'message').slice(-MOST_EVENTS)
  return (
    <div class="stack">
      <p>
        <Link to={addressOf('train')}>All jobs</Link>
      </p>
      {error !== undefined && <ErrorNote error={error} />}
      {job && (
        <>
          <h2>
            {job.fineTunedModel ?? job.suffix} <span class="quiet">{job.executor ? `${job.method.type}, by ${job.executor}` : job.method.type}</span>
          </h2>
          {job.settles && job.joint && (
            <p>
              One of the stack <Link to={addressOf('train', job.joint)}>{job.settles}</Link>, which is settled.
            </p>
          )}
          <Progress job={job} preparing={preparedShare(events)} />
          {job.status === 'succeeded' && job.fineTunedModel && <Candidate id={job.fineTunedModel} />}
          {!isFinal(job.status) && (
            <div class="row">
              {job.executor ? null : job.status === 'paused' ? (
                <Button onClick={() => act(weft.jobs.resume)} busy={acting}>
                  Resume
                </Button>
              ) : (
                <Button onClick={() => act(weft.jobs.pause)} busy={acting}>
                  Pause
                </Button>
              )}
              <StopButton text="Stop" what={`the training of ${job.suffix}`} canPause={!job.executor} stop={() => act(weft.jobs.cancel)} />
            </div>
          )}
          {job.error && <ErrorNote error={new Error(job.error.message)} />}
          {job.verdict && <VerdictPanel verdict={job.verdict} name={job.fineTunedModel ?? job.suffix} />}
        </>
      )}
      {losses.steps.length > 0 && <LossCurves losses={losses} />}
      {messages.length > 0 && (
        <DataTable
          caption="Events"
          rows={messages}
          keyOf={(event) => event.id}
          columns={[
            { title: 'Time', cell: ({ createdAt }) => new Date(createdAt * 1000).toLocaleTimeString() },
            { title: 'Level', cell: ({ level }) => level },
            { title: 'Message', cell: ({ message }) => message },
          ]}
        />
      )}
    </div>
  )
}

/** How much is done of what comes before a step, of 1, where that is what the job was last heard of. */
const preparedShare = (events: readonly FineTuningJobEvent[]): number | undefined => (events.at(-1)?.data as { share?: number } | null | undefined)?.share

interface ProgressProps {
  job: FineTuningJob
  preparing: number | undefined
}

const Progress = ({ job: { status, step = 0, totalSteps = 0, loss, evalLoss, etaS, waits }, preparing }: ProgressProps) => (
  <div class="panel">
    <p role="status">
      {status}
      {totalSteps > 0 && `, step ${step} of ${totalSteps}`}
      {typeof loss === 'number' && `, loss ${loss.toFixed(3)}`}
      {typeof evalLoss === 'number' && `, held-out ${evalLoss.toFixed(3)}`}
      {status === 'running' &&
        (preparing !== undefined
          ? `, preparing, ${Math.round(100 * preparing)} %`
          : totalSteps > 0 && step >= totalSteps
            ? ', measuring how good it is'
            : typeof etaS === 'number' && `, about ${durationText(etaS)} left`)}
    </p>
    {waits && (
      <p>
        Waits since {new Date(waits.since * 1000).toLocaleTimeString()}: {waits.message}
      </p>
    )}
    {totalSteps > 0 && <progress value={step} max={totalSteps} aria-label="Steps" />}
  </div>
)

const LossCurves = ({ losses: { steps, training, heldOut } }: { losses: Losses }) => {
  const last = (values: readonly (number | null)[]): string => values.findLast((value) => value !== null)?.toFixed(3) ?? 'not measured yet'
  return (
    <section class="panel" aria-label="Loss">
      <h3>Loss</h3>
      <Curves
        label={`Loss by step: training ${last(training)}, held-out ${last(heldOut)} at step ${steps.at(-1)}`}
        x={steps}
        xName="step"
        curves={[
          { name: 'training', values: training },
          { name: 'held-out', values: heldOut },
        ]}
      />
    </section>
  )
}
