import { type ParseArgsOptionsConfig, parseArgs } from 'node:util'

/** What each option was given, with those that are needed. */
type Given<O extends ParseArgsOptionsConfig, N extends string> = ReturnType<typeof parseArgs<{ options: O }>>['values'] & { [K in N]: string }

/**
 * A script's options. One that is unknown or without a value, a word in a number's place, or a needed one that is missing ends the script with what is
 * wrong and the options that there are.
 * @param needed what stands for the value of each option that must be given: `{ python: 'PYTHON' }`
 */
export function scriptOptions<const O extends ParseArgsOptionsConfig, N extends keyof O & string = never>(
  options: O,
  needed: { readonly [K in N]: string } = {} as { readonly [K in N]: string },
): Given<O, N> {
  const given = parsed(options)
  if (typeof given === 'string') return refuse(options, needed, given)
  const values = given as Record<string, unknown>
  for (const [name, value] of Object.entries<string>(needed)) if (values[name] === undefined) refuse(options, needed, `--${name} ${value} is missing.`)
  for (const [name, { default: usual }] of Object.entries(options)) {
    if (isNumber(usual) && !isNumber(values[name])) refuse(options, needed, `--${name} takes a number, not "${values[name]}".`)
  }
  return given as Given<O, N>
}

function parsed<const O extends ParseArgsOptionsConfig>(options: O) {
  try {
    return parseArgs({ options }).values
  } catch (error) {
    if (!(error instanceof TypeError) || !String((error as NodeJS.ErrnoException).code).startsWith('ERR_PARSE_ARGS')) throw error
    return error.message
  }
}

/** An option whose usual value is a number takes numbers. */
const isNumber = (value: unknown): boolean => typeof value === 'string' && value.trim() !== '' && Number.isFinite(Number(value))

/** Ends a script whose options do not fit together, as one is ended that does not know them. */
export function endScript(message: string): never {
  console.error(message)
  process.exit(2)
}

function refuse(options: ParseArgsOptionsConfig, needed: Readonly<Record<string, string>>, message: string): never {
  const listed = Object.entries(options).map(([name, { type, default: usual }]) => {
    if (needed[name]) return `--${name} ${needed[name]}`
    return type === 'boolean' ? `[--${name}]` : `[--${name} ${usual ?? '…'}]`
  })
  return endScript(`${message}\nOptions: ${listed.join(' ')}`)
}
