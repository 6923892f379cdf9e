import { Command } from 'commander'
import { type Connection, clientOf, connected } from '../../connection.ts'
import { shortened } from '../../input/input-texts.ts'
import { whole } from '../../numbers.ts'
import { outputOf, table } from '../../output/output.ts'
import { utc } from '../../output/utc.ts'

interface Span extends Connection {
  from?: string
  to?: string
}

/** Adds the days that a report spans. */
export const spanning = (command: Command): Command =>
  connected(command).option('--from <day>', 'the first day, such as 2026-11-01 (UTC; default: 30 days ago)').option('--to <day>', 'the last day')

export const daysOf = ({ from, to }: Span): { from?: string; to?: string } => ({ ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) })

export const routeVersions = (): Command =>
  connected(new Command('versions'))
    .argument('<name>')
    .description('what a route was, newest first')
    .action(async (name: string, options: Connection) => {
      const versions = await clientOf(options).routes.versions(name)
      outputOf(options).result(versions, () =>
        table(
          ['version', 'made', 'composition', 'variants', 'shadow', 'twin'],
          versions.map(({ version, updatedAt, composition, variants = [], shadow, twin }) => [
            version,
            utc(updatedAt, 'second'),
            composition,
            variants.map((variant) => `${variant.name}:${variant.weight}`).join(' ') || '–',
            shadow?.composition ?? '–',
            twin === undefined ? '–' : shortened(twin),
          ]),
        ),
      )
    })

export const routeRollback = (): Command =>
  connected(new Command('rollback'))
    .argument('<name>')
    .description('make an earlier version the next one')
    .option('--to <version>', 'the one before the newest unless said', whole(1))
    .action(async (name: string, { to, ...options }: Connection & { to?: number }) => {
      const route = await clientOf(options).routes.rollback(name, to === undefined ? {} : { to })
      outputOf(options).result(
        route,
        () => `${name} is at version ${route.version}, which is ${to === undefined ? 'the version before' : `version ${to}`} again`,
      )
    })

const milliseconds = (value: number | null): string => (value === null ? '–' : value.toFixed(0))

export const routeMetrics = (): Command =>
  spanning(new Command('metrics'))
    .argument('<name>')
    .description('requests, tokens and latency by version and variant')
    .action(async (name: string, options: Span) => {
      const metrics = await clientOf(options).routes.metrics(name, daysOf(options))
      outputOf(options).result(metrics, () =>
        metrics.data.length === 0
          ? `No requests from ${metrics.from} to ${metrics.to}.`
          : table(
              ['version', 'variant', 'kind', 'requests', 'failed', 'limited', 'tokens in', 'tokens out', 'ms', 'ms to first'],
              metrics.data.map((row) => [
                row.version,
                row.variant ?? '–',
                row.kind,
                row.requests,
                row.failed,
                row.limited,
                row.promptTokens,
                row.completionTokens,
                milliseconds(row.meanMs),
                milliseconds(row.meanFirstTokenMs),
              ]),
            ),
      )
    })
