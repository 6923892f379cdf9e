import type { Summary } from '@weft/protocol/metrics/summary'
import { Curves } from '../../controls/curves.tsx'
import { DataTable } from '../../controls/data-table.tsx'
import { ErrorNote } from '../../controls/error-note.tsx'
import { RunnerTable } from './runner-table.tsx'
import { useScrapes } from './use-scrapes.ts'

/** The queue, the cache, sessions and speed, as they are now and over the last two minutes; tokens by tenant. */
export const LiveRunner = () => {
  const { looks, samples, error } = useScrapes()
  const last = looks.at(-1)?.summary
  const x = looks.map(({ second }) => second)
  return (
    <section class="stack" aria-labelledby="live">
      <h2 id="live">Now</h2>
      {error !== undefined && <ErrorNote error={error} />}
      <RunnerTable samples={samples} />
      {last && (
        <>
          <Numbers summary={last} />
          <div class="columns">
            <Curves
              label={`Requests: ${last.running} running, ${last.waiting} waiting`}
              x={x}
              xName="seconds"
              height={180}
              curves={[
                { name: 'running', values: looks.map(({ summary }) => summary.running) },
                { name: 'waiting', values: looks.map(({ summary }) => summary.waiting) },
              ]}
            />
            <Curves
              label={`Tokens a second: ${rate(last.generatedTokensPerS)} generated, ${rate(last.promptTokensPerS)} read`}
              x={x}
              xName="seconds"
              height={180}
              curves={[
                { name: 'generated/s', values: looks.map(({ summary }) => summary.generatedTokensPerS) },
                { name: 'read/s', values: looks.map(({ summary }) => summary.promptTokensPerS) },
              ]}
            />
          </div>
          <Tenants summary={last} />
        </>
      )}
    </section>
  )
}

const rate = (value: number | null): string => (value === null ? '–' : value.toFixed(1))
const part = (value: number | null): string => (value === null ? '–' : `${Math.round(100 * value)} %`)
const ms = (seconds: number | null): string => (seconds === null ? '–' : `${Math.round(seconds * 1000)} ms`)

const Numbers = ({ summary: now }: { summary: Summary }) => (
  <dl class="numbers">
    {Object.entries({
      'Requests running': now.running,
      'Requests waiting': now.waiting,
      'Cache occupied': part(now.cacheUse),
      'Prompt tokens found in the cache': part(now.prefixHits),
      'Compositions held': `${now.compositions} (${(now.compositionBytes / 1e6).toFixed(1)} MB)`,
      'Sessions made': now.sessionBuilds,
      'Training jobs': `${now.jobs.running} running, ${now.jobs.queued} waiting`,
      Answered: now.answered,
      Failed: now.failed,
      'Requests a second': rate(now.requestsPerS),
      'Tokens a second': `${rate(now.promptTokensPerS)} read, ${rate(now.generatedTokensPerS)} generated`,
      'First token': `${ms(now.firstToken.p50)}, p95 ${ms(now.firstToken.p95)}`,
      'Between tokens': `${ms(now.interToken.p50)}, p95 ${ms(now.interToken.p95)}`,
    }).map(([name, value]) => (
      <div key={name}>
        <dt>{name}</dt>
        <dd>{value}</dd>
      </div>
    ))}
  </dl>
)

const Tenants = ({ summary: { tenants } }: { summary: Summary }) =>
  tenants.length === 0 ? (
    <p class="quiet">No request since the runner started.</p>
  ) : (
    <DataTable
      caption="Tokens by tenant and route, since the runner started"
      rows={tenants}
      keyOf={({ tenant, route }) => `${tenant} ${route}`}
      columns={[
        { title: 'Tenant', cell: ({ tenant }) => tenant || '–' },
        { title: 'Route', cell: ({ route }) => route || '–' },
        { title: 'Requests', cell: ({ requests }) => requests, numeric: true },
        { title: 'Tokens generated', cell: ({ tokens }) => tokens, numeric: true },
      ]}
    />
  )
