import type { FineTuningJob } from '@weft/protocol'
import { Command } from 'commander'
import { type Connection, clientOf, connected } from '../../connection.ts'
import { whole } from '../../numbers.ts'
import { duration, outputOf, table } from '../../output/output.ts'
import { watchJob } from '../../watching/watch-job.ts'

const leftOf = ({ status, step = 0, totalSteps = 0, etaS }: FineTuningJob): string => {
  if (status !== 'running') return '–'
  if (totalSteps > 0 && step >= totalSteps) return 'measuring'
  return etaS ? duration(etaS) : '–'
}

export const jobs = (): Command => {
  const command = new Command('jobs').description('list, show, follow, pause and cancel training jobs')
  connected(command.command('list', { isDefault: true }))
    .description('newest first (the default)')
    .option('--limit <n>', 'at most so many', whole(1, 100), 20)
    .action(async (options: Connection & { limit: number }) => {
      const { data } = await clientOf(options).jobs.list({ limit: options.limit })
      outputOf(options).result(data, () =>
        data.length === 0
          ? 'No jobs yet.'
          : table(
              ['job', 'adapter', 'method', 'status', 'step', 'loss', 'left'],
              data.map((job) => [
                job.id,
                job.fineTunedModel ?? job.suffix,
                job.method.type,
                job.waits ? `${job.status} (${job.waits.code})` : job.status,
                job.totalSteps ? `${job.step ?? 0}/${job.totalSteps}` : '–',
                job.loss?.toFixed(3) ?? '–',
                leftOf(job),
              ]),
            ),
      )
    })
  connected(command.command('show'))
    .argument('<job>')
    .description('one job')
    .action(async (id: string, options: Connection) => {
      const job = await clientOf(options).jobs.get(id)
      outputOf(options).result(job, () => JSON.stringify(job, null, 2))
    })
  connected(command.command('watch'))
    .argument('<job>')
    .description('follow a job to its end')
    .action(async (id: string, options: Connection, command: Command) => {
      const weft = clientOf(options)
      await watchJob(weft, await weft.jobs.get(id), outputOf(options), command)
    })
  connected(command.command('cancel'))
    .argument('<job>')
    .description('stop a job; what it learned is lost')
    .action(async (id: string, options: Connection) => {
      const job = await clientOf(options).jobs.cancel(id)
      outputOf(options).result(job, () => `${job.suffix}: ${job.status}`)
    })
  connected(command.command('pause'))
    .argument('<job>')
    .description('free the runner; the job keeps its last checkpoint')
    .action(async (id: string, options: Connection) => {
      const job = await clientOf(options).jobs.pause(id)
      outputOf(options).result(job, () => `${job.suffix}: ${job.status}`)
    })
  connected(command.command('resume'))
    .argument('<job>')
    .description('go on with a paused job')
    .action(async (id: string, options: Connection) => {
      const job = await clientOf(options).jobs.resume(id)
      outputOf(options).result(job, () => `${job.suffix}: ${job.status}`)
    })
  return command
}
