import { Command } from 'commander'
import { type Connection, clientOf, connected } from '../../connection.ts'
import { outputOf } from '../../output/output.ts'
import { standsFor } from './other-kind.ts'
import { publishedAs } from './publish.ts'

/** `weft gate`: for a candidate that no runner could measure, or whose gate has changed. */
export const gate = (): Command =>
  connected(new Command('gate'))
    .argument('<adapter>', 'name@version')
    .description('measure a candidate by its publish gate again')
    .action(async (id: string, options: Connection) => {
      const weft = clientOf(options)
      const adapter = await weft.adapters.gate(id)
      const inForce = adapter.candidate && (await standsFor(weft, adapter.name))
      outputOf(options).result(adapter, () => publishedAs(adapter, inForce))
      if (adapter.candidate) process.exitCode = 1
    })
