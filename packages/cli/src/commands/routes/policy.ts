import { toWire } from '@weft/adapters'
import { type PolicyObject, policySchema } from '@weft/protocol'
import { Command } from 'commander'
import { type Connection, clientOf, connected } from '../../connection.ts'
import { outputOf } from '../../output/output.ts'
import { readPolicy } from './read-policy.ts'

/** As a file of `weft policy put` has it. */
const spelled = ({ policy: rules }: PolicyObject): string => JSON.stringify(toWire(policySchema, rules), null, 2)

export const policy = (): Command => {
  const command = new Command('policy').description("show and set what a tenant's requests may ask")
  connected(command.command('show', { isDefault: true }))
    .description('the policy that applies (the default)')
    .action(async (options: Connection) => {
      const answer = await clientOf(options).policy.get()
      outputOf(options).result(answer, () => spelled(answer))
    })
  connected(command.command('put'))
    .argument('<file>', 'JSON, as docs/operating/policies.md has it')
    .description('set it')
    .action(async (file: string, options: Connection) => {
      const answer = await clientOf(options).policy.put(readPolicy(file))
      outputOf(options).result(answer, () => `The policy of "${answer.tenant}" is set.`)
    })
  connected(command.command('delete'))
    .description('take it back; that of weft.config.ts applies again')
    .action(async (options: Connection) => {
      const deleted = await clientOf(options).policy.delete()
      outputOf(options).result(deleted, () => (deleted.deleted ? `The policy of "${deleted.id}" is deleted.` : `"${deleted.id}" had none.`))
    })
  return command
}
