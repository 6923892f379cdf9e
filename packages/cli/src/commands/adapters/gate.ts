import { Command } from 'commander'
import { type Connection, clientOf, connected } from '../../connection.ts'
import { outputOf } from '../../output/output.ts'
import { publishedAs } from './publish.ts'

/** `weft gate`: for a candidate that no runner could measure, or whose gate has changed. */
export const gate = (): Command =>
  connected(new Command('gate'))
    .argument('<adapter>', 'name@version')
    .description('measure a candidate by its publish gate again')
    .action(async (id: string, options: Connection) => {
      const adapter = await clientOf(options).adapters.gate(id)
      outputOf(options).result(adapter, () => publishedAs(adapter))
      if (adapter.candidate) process.exitCode = 1
    })
