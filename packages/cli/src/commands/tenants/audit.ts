import type { AuditEntry } from '@weft/protocol'
import { Command } from 'commander'
import { type Connection, clientOf, connected } from '../../connection.ts'
import { whole } from '../../numbers.ts'
import { outputOf, table } from '../../output/output.ts'
import { utc } from '../../output/utc.ts'

const listing = (entries: readonly AuditEntry[]): string =>
  entries.length === 0
    ? 'Nothing was changed yet.'
    : table(
        ['time', 'who', 'what', 'of what'],
        entries.map(({ createdAt, principal, action, target }) => [utc(createdAt, 'second'), principal, action, target]),
      )

/** `weft audit` */
export const audit = (): Command =>
  connected(new Command('audit'))
    .description('changes to what a tenant has, newest first')
    .option('--limit <n>', 'how many', whole(1, 1000), 50)
    .option('--after <id>', 'those before this entry, such as audit-120')
    .action(async ({ limit, after, ...options }: Connection & { limit: number; after?: string }) => {
      const page = await clientOf(options).audit({ limit, ...(after === undefined ? {} : { after }) })
      outputOf(options).result(page.data, () => listing(page.data))
    })
