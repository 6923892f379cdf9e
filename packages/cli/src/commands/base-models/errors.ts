import { CliError } from '../../errors.ts'

export const notPulled = (name: string, pulled: readonly string[]) =>
  new CliError(
    'not_pulled',
    `Nothing was pulled under the name "${name}", nor is kept of the hub; ${pulled.length === 0 ? 'nothing is at all' : `there are ${pulled.join(', ')}`}.`,
    2,
  )

export const modelServed = (name: string) =>
  new CliError('model_served', `"${name}" is the base model of the weft that runs on this state folder. Stop that first, or serve another with --model.`)
