import { type FineTuningJob, isSettlementId, type Settlement } from '@weft/protocol'
import { Command } from 'commander'
import { type Connection, clientOf, connected } from '../../connection.ts'
import { rowsOfJob } from '../../functions/rows-of-job.ts'
import { whole } from '../../numbers.ts'
import { duration, outputOf, table } from '../../output/output.ts'
import { watchJob, watchSettlement } from '../../watching/watch-job.ts'
import { settle } from './settle.ts'
import { train } from './train.ts'

const leftOf = ({ status, step = 0, totalSteps = 0, etaS }: FineTuningJob): string => {
  if (status !== 'running') return '–'
  if (totalSteps > 0 && step >= totalSteps) return 'measuring'
  return etaS ? duration(etaS) : '–'
}

const jobTable = (jobs: readonly FineTuningJob[]): string =>
  table(
    ['job', 'adapter', 'method', 'status', 'step', 'loss', 'left'],
    jobs.map((job) => [
      job.id,
      job.fineTunedModel ?? job.suffix,
      job.method.type,
      job.waits ? `${job.status} (${job.waits.code})` : job.status,
      job.totalSteps ? `${job.step ?? 0}/${job.totalSteps}` : '–',
      job.loss?.toFixed(3) ?? '–',
      leftOf(job),
    ]),
  )

/** What is settled, and how each of its jobs stands. */
const settlementText = ({ id, expression, createdAt, jobs }: Settlement): string =>
  [`${id}: ${expression}, since ${new Date(createdAt * 1000).toISOString()}`, jobTable(jobs), ...jobs.flatMap(failureOf)].join('\n')

const failureOf = ({ suffix, error }: FineTuningJob): string[] => (error ? [`${suffix}: ${error.message}`] : [])

const orSettlement = 'its id, or that of a settlement, whose jobs are then all meant'

const actions = [
  ['cancel', 'stop a job; what it learned is lost'],
  ['pause', 'free the runner; the job keeps its last checkpoint'],
  ['resume', 'go on with a paused job'],
] as const

export const jobs = (): Command => {
  const command = new Command('jobs').description('list, show, follow, pause and cancel training jobs')
  connected(command.command('list', { isDefault: true }))
    .description('newest first (the default)')
    .option('--limit <n>', 'at most so many', whole(1, 100), 20)
    .action(async (options: Connection & { limit: number }) => {
      const { data } = await clientOf(options).jobs.list({ limit: options.limit })
      outputOf(options).result(data, () => (data.length === 0 ? 'No jobs yet.' : jobTable(data)))
    })
  connected(command.command('show'))
    .argument('<job>', orSettlement)
    .description('one job, or a settlement with its jobs')
    .action(async (id: string, options: Connection) => {
      const weft = clientOf(options)
      const output = outputOf(options)
      if (isSettlementId(id)) {
        const settlement = await weft.settlements.get(id)
        return output.result(settlement, () => settlementText(settlement))
      }
      const job = await weft.jobs.get(id)
      output.result(job, () => JSON.stringify(job, null, 2))
    })
  connected(command.command('watch'))
    .argument('<job>', orSettlement)
    .description('follow a job to its end, or the jobs of a settlement')
    .action(async (id: string, options: Connection) => {
      const weft = clientOf(options)
      // Advice is for the next time that it is asked for.
      if (isSettlementId(id)) return watchSettlement(weft, await weft.settlements.get(id), outputOf(options), settle())
      const job = await weft.jobs.get(id)
      await watchJob(weft, job, outputOf(options), job.settles === undefined ? train() : settle(), await rowsOfJob(weft, job))
    })
  for (const [action, description] of actions)
    connected(command.command(action))
      .argument('<job>', orSettlement)
      .description(description)
      .action(async (id: string, options: Connection) => {
        const weft = clientOf(options)
        const jobs = isSettlementId(id) ? (await weft.settlements[action](id)).jobs : [await weft.jobs[action](id)]
        outputOf(options).result(isSettlementId(id) ? jobs : jobs[0], () => jobs.map((job) => `${job.suffix}: ${job.status}`).join('\n'))
      })
  return command
}
