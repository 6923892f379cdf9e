import type { Garbage } from '@weft/protocol'
import { Command, InvalidArgumentError, Option } from 'commander'
import { type Connection, clientOf, connected } from '../../connection.ts'
import { whole } from '../../numbers.ts'
import { bytes, outputOf, table } from '../../output/output.ts'

interface Options extends Connection {
  dryRun?: boolean
  grace: number
  keep: number
}

const unitSeconds: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 }

/** `7d`, `12h`, `30m`, `90s` in seconds. */
const seconds = (text: string): number => {
  const [, count, unit] = /^(\d{1,6})([smhd])$/.exec(text) ?? []
  if (count === undefined) throw new InvalidArgumentError('expected a time such as 7d, 12h, 30m or 90s.')
  return Number(count) * unitSeconds[unit!]!
}

const listing = ({ dryRun, removed, kept = [], bytes: freed }: Garbage): string => {
  const gone = table(
    [dryRun ? 'would go' : 'gone', '', 'size'],
    removed.map((each) => [each.kind, each.id, bytes(each.bytes)]),
  )
  const stays = table(
    ['stays', '', 'because'],
    kept.map(({ kind, id, because }) => [kind, id, because.join('; ')]),
  )
  return [
    removed.length ? gone : `Nothing ${dryRun ? 'would go' : 'is gone'}.`,
    ...(kept.length ? ['', stays] : []),
    ...(freed ? ['', `${bytes(freed)} ${dryRun ? 'would be' : 'are'} freed.`] : []),
  ].join('\n')
}

/** `weft gc` */
export const gc = (): Command =>
  connected(new Command('gc'))
    .description('remove versions, files, checkpoints and uploads that nothing uses')
    .option('--dry-run', 'only say what would go, and why each other thing stays')
    .addOption(new Option('--grace <time>', 'what is younger stays: 7d, 12h, 30m').argParser(seconds).default(7 * 86_400, '7d'))
    .option('--keep <n>', 'the newest versions of a name that stay in any case', whole(1), 2)
    .action(async ({ dryRun = false, grace, keep, ...options }: Options) => {
      const garbage = await clientOf(options).collectGarbage({ dryRun, graceSeconds: grace, keep })
      outputOf(options).result(garbage, () => listing(garbage))
    })
