import { Command } from 'commander'
import { type Connection, clientOf } from '../../connection.ts'
import { outputOf, table } from '../../output/output.ts'
import { daysOf, spanning } from './route-history.ts'

export const usage = (): Command =>
  spanning(new Command('usage'))
    .description('requests and tokens by day and route')
    .option('--route <name>', 'of one route alone')
    .action(async ({ route, ...options }: Connection & { from?: string; to?: string; route?: string }) => {
      const list = await clientOf(options).usage({ ...daysOf(options), ...(route === undefined ? {} : { route }) })
      outputOf(options).result(list, () =>
        list.data.length === 0
          ? `No requests from ${list.from} to ${list.to}.`
          : table(
              ['day', 'route', 'kind', 'requests', 'failed', 'limited', 'tokens in', 'tokens out'],
              list.data.map((row) => [row.day, row.route ?? '–', row.kind, row.requests, row.failed, row.limited, row.promptTokens, row.completionTokens]),
            ),
      )
    })
