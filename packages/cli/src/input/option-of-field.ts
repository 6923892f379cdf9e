import { camelCase, fieldsAt, snakeCase } from '@weft/adapters'
import { hyperparametersSchema } from '@weft/methods'
import type { Command } from 'commander'

/**
 * Fields of requests that a command line says under another name than their own: the option, or the argument as usage spells it. Where several commands say it
 * in words of their own, all of them. `*` is one part of any name.
 */
const saidOtherwise: Readonly<Record<string, readonly string[]>> = {
  model: ['<expression>', '--model'],
  prompt: ['--prompt', '<prompt>'],
  messages: ['<prompt>'],
  'messages.content': ['<prompt>'],
  input: ['<texts>', '--file', '--inputs', '--input'],
  choices: ['--choice'],
  suffix: ['--name'],
  training_file: ['<file>', '<pairs>', '<document>'],
  validation_file: ['--validation'],
  foreign_file: ['--reference'],
  probes: ['--probes', '--no-probes'],
  'method.type': ['--method'],
  'method.*.num_virtual_tokens': ['--tokens'],
  'method.*.layers': ['--layers'],
  'method.*': ['--set'],
  method: ['--method'],
  'hyperparameters.max_steps': ['--steps'],
  'hyperparameters.n_epochs': ['--epochs'],
  hyperparameters: ['--hyper'],
  'locality.weight': ['--locality'],
  'partners.adapters': ['--partner'],
  'pairs.normalize': ['--normalize'],
  'document.part_tokens': ['--part-tokens'],
  'document.self_study': ['--self-study'],
  document: ['<document>'],
  pairs: ['<pairs>'],
  input_file_id: ['<file>'],
  completion_window: ['--window'],
  composition: ['<expression>'],
  variants: ['--variant'],
  'shadow.share': ['--shadow-share'],
  'shadow.composition': ['--shadow'],
  'defaults.temperature': ['--temperature'],
  'defaults.max_tokens': ['--max-tokens'],
  scopes: ['--scope'],
  expires_in: ['--expires'],
  expires_at: ['--expires'],
  grace_seconds: ['--grace'],
  data: ['--probes', '--file'],
  baseUrl: ['--url'],
}

/** Options that say how the edge is reached, and are no field of a request. */
const ofTheConnection = new Set(['--url', '--key', '--state', '--json'])

/**
 * What a command line says for a field of the request that it makes: `hyperparameters.max_steps` is `--steps`, `method.lora.rank` is `--set rank`, `input[2]` is
 * `<texts>[2]`. Undefined where the command says nothing of it.
 * @param field as the wire spells it
 */
export function optionOfField(command: Command, field: string): string | undefined {
  const parts = field.match(/\[\d+\]|[^.[\]]+/g) ?? []
  for (let end = parts.length; end > 0; end--) {
    const path = parts.slice(0, end).filter((part) => !part.startsWith('['))
    const said = spelled(command, path)
    if (said === undefined || parts[end - 1]?.startsWith('[')) continue
    const rest = parts.slice(end)
    return said + rest.map((part, i) => (part.startsWith('[') ? part : i === 0 ? ` ${part}` : `.${part}`)).join('')
  }
  return undefined
}

function spelled(command: Command, path: readonly string[]): string | undefined {
  const entry = Object.entries(saidOtherwise).find(([pattern]) => matches(pattern.split('.'), path))?.[1]
  const known = (entry ?? []).filter((flag) => has(command, flag))
  const given = known.find((flag) => isGiven(command, flag))
  // `--hyper n_epochs=3` says what `--epochs` would: then it is the pair that is told.
  if (given === undefined && isPair(command, path)) return undefined
  const found = given ?? known[0]
  if (found !== undefined) return found
  // Of a method's config, no option says by its own name what another field of that name says: `--seed` is the job's.
  const own = path.length === 1 || path[0] === 'hyperparameters' ? [`--${path.at(-1)!.replaceAll('_', '-')}`, `<${path.at(-1)}>`] : []
  return own.find((flag) => has(command, flag) && !ofTheConnection.has(flag))
}

/** Whether the line says a field as one of the pairs of `--hyper` or `--set`. */
function isPair(command: Command, path: readonly string[]): boolean {
  const option = path.length === 2 && path[0] === 'hyperparameters' ? 'hyper' : path.length === 3 && path[0] === 'method' ? 'set' : undefined
  const pairs = option === undefined ? undefined : (command.getOptionValue(option) as Record<string, unknown> | undefined)
  return pairs !== undefined && Object.hasOwn(pairs, camelCase(path.at(-1)!))
}

const matches = (pattern: readonly string[], path: readonly string[]): boolean =>
  pattern.length === path.length && pattern.every((part, i) => part === '*' || part === path[i])

const has = (command: Command, flag: string): boolean =>
  flag.startsWith('<') ? command.registeredArguments.some((argument) => `<${argument.name()}>` === flag) : command.options.some(({ long }) => long === flag)

const isGiven = (command: Command, flag: string): boolean => command.getOptionValueSource(camelCase(flag.slice(2).replaceAll('-', '_'))) === 'cli'

/** What is known of an error that a request came back with. */
export interface Refused {
  message: string
  param?: string | undefined
  details?: { issues?: unknown } | Record<string, unknown> | undefined
}

/** A refusal's message in the words of the command line that was typed: every field at fault by its option. */
export function inOptions(command: Command, { message, param, details }: Refused): string {
  const issues = Array.isArray(details?.issues) ? (details.issues as { param?: unknown }[]).map((issue) => issue.param) : []
  const fields = [...new Set([param, ...issues])].filter((field): field is string => typeof field === 'string' && field !== '')
  // The longest first: `hyperparameters` stands in `hyperparameters.max_steps`.
  const told = fields
    .toSorted((a, b) => b.length - a.length)
    .reduce((text, field) => {
      const option = optionOfField(command, field)
      if (option === undefined) return text
      const head = (text.startsWith(`${field}: `) ? option + text.slice(field.length) : text)
        .replaceAll(`; ${field}: `, () => `; ${option}: `)
        .replaceAll(`: ${field}: `, () => `: ${option}: `)
      // In prose a name in quotes may be somebody's own: only an option is told by it.
      return option.startsWith('--') ? head.replaceAll(`"${field}"`, () => option) : head
    }, message)
  return withQuoting(proseInOptions(command, told))
}

/** What is typed as JSON is taken as such: how a number, or true, is typed that is meant as a text. */
const withQuoting = (text: string): string =>
  text.replace(
    /(--set (\w+): expected a (?:string|text)[^;]*?, got (-?\d+(?:\.\d+)?(?:e[+-]?\d+)?|true|false|null)\b)/g,
    (fault, said: string, key: string, value: string) => `${said} (--set ${key}='"${value}"' is a text)${fault.slice(said.length)}`,
  )

const hyperparameters: ReadonlySet<string> = new Set(fieldsAt(hyperparametersSchema).map(snakeCase))

/** Advice in the words of the command line: hyperparameters by the options that are theirs alone. `Raise max_length` is `Raise --max-length`. */
export const proseInOptions = (command: Command, text: string): string =>
  text.replace(/(?<![-\w."])(?<!--\w+ )[a-z]+(?:_[a-z]+)+(?![\w"=])/g, (word) => {
    const option = hyperparameters.has(word) ? optionOfField(command, `hyperparameters.${word}`) : undefined
    return option === undefined || option.includes(' ') ? word : option
  })
