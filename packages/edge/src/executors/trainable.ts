import { type ModelSpec, snakeCase, type TaskType } from '@weft/adapters'
import { type Param, type Plugin, peftTraining } from '@weft/methods'
import { notTrainedElsewhere } from './errors.ts'

const tasks: readonly TaskType[] = ['CAUSAL_LM', 'SEQ_2_SEQ_LM', 'SEQ_CLS']

/** Whether PEFT trains the method at all, and what it trains comes back as the same method. */
export const hasTrainer = ({ peft, numTasks }: Plugin): boolean => peft !== undefined && peft.imports !== false && !numTasks

/**
 * A method's config, as an executor trains it: what nobody wrote is as PEFT has it where that has no word for our default. Error 422 `not_trained_elsewhere`, which
 * names what was written and PEFT cannot do.
 * @param written fields that the request itself gives
 * @param base without which nothing is known of the method's parameters
 */
export function trainableConfig(
  executor: string,
  plugin: Plugin,
  { config, written, task, base }: { config: Record<string, unknown>; written: readonly string[]; task: TaskType; base: ModelSpec | undefined },
): Record<string, unknown> {
  const refuse = (what: string, param: string, instead: string): never => {
    throw notTrainedElsewhere(executor, what, param, instead)
  }
  const own = 'Leave "executor" out, and a runner of Weft trains it.'
  if (!plugin.peft) refuse(`"${plugin.id}"`, 'method.type', `GET /v1/executors lists the methods that it trains. ${own}`)
  if (plugin.peft!.imports === false)
    refuse(`"${plugin.id}" of its own (its files are ${plugin.peft!.peftType})`, 'method.type', `Train the method of that type. ${own}`)
  if (!hasTrainer(plugin)) refuse(`rows of several tasks for "${plugin.id}" here`, 'method.type', own)
  if (!tasks.includes(task)) refuse(`trainer for ${task} here`, 'training_file', `It trains ${tasks.join(', ')}. ${own}`)
  if (!base) return config
  if (Object.values<Param>(plugin.params(config, base, [])).some(({ trainable }) => !trainable))
    refuse(`"${plugin.id}" with these settings that an edge could take in`, `method.${plugin.id}`, `Its parameters are made of the base's own weights. ${own}`)
  const { without, config: trained } = peftTraining(plugin, config, base, task)
  const said = without.find((field) => written.includes(field))
  if (said !== undefined) {
    const name = snakeCase(said)
    refuse(
      `${name} ${JSON.stringify(config[said])}`,
      `method.${plugin.id}.${name}`,
      `It would train with ${JSON.stringify(trained[said])}: leave the field out. ${own}`,
    )
  }
  return { ...config, ...Object.fromEntries(without.map((field) => [field, trained[field]])) }
}
