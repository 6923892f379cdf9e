import { mostLearningRate } from '@weft/methods/hyperparameters'
import { mostSettlingWeight } from '@weft/protocol'
import { Command } from 'commander'
import { type Connection, clientOf, connected } from '../../connection.ts'
import { above, seedNumber, whole } from '../../numbers.ts'
import { outputOf } from '../../output/output.ts'
import { watchSettlement } from '../../watching/watch-job.ts'

interface Options extends Connection {
  steps?: number
  learningRate?: number
  weight?: number
  seed?: number
  detach?: boolean
}

export const settle = (): Command =>
  connected(new Command('settle'))
    .description('train the adapters of a stack together for a short while: each keeps its task and is silent on what the others are asked')
    .argument('<expression>', 'the stack that will run: "mail/label + style/whale", or the route that stands for it')
    .option('--steps <n>', 'steps of each adapter; two thirds of what the longest trained of them had, and 64 at least, unless said', whole(1))
    .option('--learning-rate <r>', 'peak learning rate', above(0, mostLearningRate))
    .option(
      '--weight <w>',
      'factor on the divergence from the base model where the others answer, over half of that where the adapter answers itself',
      above(0, mostSettlingWeight),
    )
    .option('--seed <n>', "of all; without it each adapter's own, so that rows it never learned stay held out", seedNumber)
    .option('--detach', 'do not wait for the end')
    .addHelpText('after', '\nExample:\n  npx weft settle "mail/label + style/whale"')
    .action(async (expression: string, { steps, learningRate, weight, seed, detach, ...connection }: Options, command: Command) => {
      const weft = clientOf(connection)
      const output = outputOf(connection)
      const asked = { ...(steps !== undefined && { steps }), ...(learningRate !== undefined && { learningRate }), ...(weight !== undefined && { weight }) }
      const settlement = await weft.settlements.create({ expression, ...(seed !== undefined && { seed }), ...asked })
      output.note(`Settling ${settlement.expression} (${settlement.id}): ${settlement.jobs.map(({ id }) => id).join(', ')}.`)
      if (detach) return output.result(settlement, () => `Follow it with: npx weft jobs watch ${settlement.id}`)
      await watchSettlement(weft, settlement, output, command)
    })
