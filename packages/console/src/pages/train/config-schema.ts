import { type NumberBounds, numberFault } from '../../controls/number-bounds.ts'

/** What a form needs of a field's JSON schema. */
export interface FieldSchema {
  type?: string
  default?: unknown
  description?: string
  enum?: readonly string[]
  const?: unknown
  minimum?: number
  maximum?: number
  exclusiveMinimum?: number
  anyOf?: readonly FieldSchema[]
}

export interface ConfigField {
  name: string
  schema: FieldSchema
  required: boolean
}

/** The fields of a method's config, as `GET /v1/methods` tells it; those that allow one value only are no choice. */
export const fieldsOf = (config: unknown): ConfigField[] => {
  const { properties = {}, required = [] } = (config ?? {}) as { properties?: Record<string, FieldSchema>; required?: string[] }
  return Object.entries(properties)
    .filter(([, schema]) => schema.const === undefined)
    .map(([name, schema]) => ({ name, schema, required: required.includes(name) }))
}

/** What a field's number must keep to. */
export const numberBoundsOf = ({ type, minimum, exclusiveMinimum, maximum }: FieldSchema): NumberBounds => ({
  whole: type === 'integer',
  ...(minimum !== undefined && { min: minimum }),
  ...(exclusiveMinimum !== undefined && { above: exclusiveMinimum }),
  ...(maximum !== undefined && { max: maximum }),
})

export const isNumber = ({ type }: FieldSchema): boolean => type === 'integer' || type === 'number'

/** What is wrong with the numbers, the lists and the maps that were filled in. */
export const configFaults = (config: unknown, values: Readonly<Record<string, unknown>>): string[] =>
  fieldsOf(config).flatMap(({ name, schema }) => {
    const value = values[name]
    const fault = isNumber(schema) ? numberFault(value as number | undefined, numberBoundsOf(schema)) : isJson(schema) ? jsonFault(value) : undefined
    return fault === undefined ? [] : [`${name}: ${fault}`]
  })

/** A list, a map, a number or a text: what no control of its own is for. */
export const isJson = (schema: FieldSchema): boolean => !schema.enum && !isNumber(schema) && schema.type !== 'boolean' && schema.type !== 'string'

/**
 * What is wrong with a list or a map that is written as JSON and cannot be read, which is a text so far. A pattern may begin as a list does, with a class of
 * letters; with a quotation mark behind the bracket, or where it is no expression either, a list is meant.
 */
export function jsonFault(value: unknown): string | undefined {
  const [, bracket] = typeof value === 'string' ? (/^\s*([[{])/.exec(value) ?? []) : []
  if (bracket === undefined || (bracket === '[' && !/^\s*\[\s*["'[{]/.test(value as string) && isExpression(value as string))) return undefined
  const expected = bracket === '[' ? 'a list such as ["q_proj", "v_proj"]' : 'a map such as {"q_proj": 4}'
  try {
    JSON.parse(value as string)
    return undefined
  } catch (error) {
    return `Expected ${expected}, closed and with names in quotation marks: ${(error as Error).message}.`
  }
}

const isExpression = (text: string): boolean => {
  try {
    return new RegExp(text, 'u') !== undefined
  } catch {
    return false
  }
}

/** What a field says of itself: what it does, its default, its bounds. */
export const hintOf = ({ name, schema, required }: ConfigField): string => {
  const bounds = boundsOf(schema)
  return [schema.description ?? notes[name], required ? 'Required.' : `${defaultText(schema)}${bounds ? `; ${bounds}` : ''}.`].filter(Boolean).join(' ')
}

const defaultText = ({ default: value }: FieldSchema): string =>
  value === undefined || value === null ? 'Default: chosen by the method' : `Default ${typeof value === 'string' ? value : JSON.stringify(value)}`

const boundsOf = ({ minimum, exclusiveMinimum, maximum }: FieldSchema): string => {
  const least = minimum ?? exclusiveMinimum
  if (least === undefined || maximum === undefined) return ''
  return minimum === undefined ? `above ${least}, at most ${maximum}` : `${least} to ${maximum}`
}

/** A field's meaning, by the name that PEFT gives it; several methods share most of them. */
const notes: Readonly<Record<string, string>> = {
  num_virtual_tokens: 'Positions that the adapter takes. More can say more, and cost context and rows to learn from.',
  prompt_tuning_init: 'Where the rows begin. The training rows, a text or sampled words learn faster than chance.',
  prompt_tuning_init_text: 'The text whose embeddings the rows begin with.',
  prompt_tuning_init_source: 'The adapter that the shared rows begin with.',
  prompt_tuning_init_task: 'Which of its tasks is taken.',
  prefix_init: 'Where keys and values begin: those of the training rows, of sampled words, of a text, or chance.',
  prefix_init_text: 'The text whose keys and values the prefix begins with.',
  prefix_projection: 'Learns the prefix through a small network. Steadier at high rates, slower to train.',
  encoder_hidden_size: 'Width of that network.',
  encoder_num_layers: 'Layers of an LSTM encoder.',
  encoder_reparameterization_type: 'What makes the rows while they are trained.',
  init_std: 'Spread of the random start.',
  num_transformer_submodules: 'Stacks of the base model that get the prompt.',
  num_tasks: 'Tasks that share the rows.',
  num_ranks: "Rank of each task's own factor.",
  task_id: 'The task that is served.',
  sink_column: 'Keeps a place for attention that goes nowhere.',
  gate_learning_rate: "Factor on the gates' learning rate.",
  trunk: 'The adapter whose prompt the branch changes.',
  r: 'Rank of the update. More can say more, in a larger file.',
  lora_alpha: 'Scale of the update: alpha / r.',
  alpha: 'Scale of the branch: alpha / r.',
  target_modules: "Layers that are changed: a name, a list, or a pattern. Without one, the method's usual ones.",
  exclude_modules: 'Layers that are left alone.',
  feedforward_modules: 'Which of them are scaled at their input.',
  use_rslora: 'Scales by the root of the rank.',
  use_dora: 'Learns direction and magnitude apart.',
  bias: 'Biases that are trained too.',
  rank_pattern: 'Another rank for some layers.',
  alpha_pattern: 'Another alpha for some layers.',
  init_lora_weights: 'How the update begins; true begins at the base model exactly.',
  init_ia3_weights: 'Begins at the base model exactly.',
  layers_to_transform: 'Layer numbers that are changed; all without one.',
  layers_pattern: 'Name of the list of layers.',
  fan_in_fan_out: 'For layers that store their weight transposed.',
  adapter_len: 'Rows of the prompt in each layer.',
  adapter_layers: 'Topmost layers that get one.',
  init: 'Begin with the base model, or with chance.',
  initializer_range: 'Spread of a random start.',
}
