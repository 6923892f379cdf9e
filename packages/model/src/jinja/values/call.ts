import { templateFailed } from '../../errors.ts'
import { type Arguments, Callable, type Value } from './value.ts'

/** A function of a value: its parameters by name, and how many of them must be given. Those that are not arrive as undefined. */
export interface Method<T extends Value = Value> {
  parameters: readonly string[]
  required?: number
  run(self: T, ...given: Value[]): Value
}

export const bind = <T extends Value>(name: string, method: Method<T>, self: T): Callable =>
  new Callable(name, (args) => method.run(self, ...(inOrder(name, method.parameters, args, method.required) as Value[])))

/** Arguments in the order of the parameters, wherever they were given. @throws as Python does for too many, too few, twice and unknown */
export const inOrder = (name: string, parameters: readonly string[], { positional, named }: Arguments, required = 0): (Value | undefined)[] => {
  if (positional.length > parameters.length) throw templateFailed(`${name}() takes at most ${parameters.length} arguments (${positional.length} given)`)
  for (const key of named.keys()) {
    const at = parameters.indexOf(key)
    if (at < 0) throw templateFailed(`${name}() got an unexpected keyword argument '${key}'`)
    if (at < positional.length) throw templateFailed(`${name}() got multiple values for argument '${key}'`)
  }
  const given = parameters.map((parameter, i) => (i < positional.length ? positional[i] : named.get(parameter)))
  const missing = given.findIndex((value, i) => i < required && value === undefined)
  if (missing >= 0) throw templateFailed(`${name}() is missing the argument '${parameters[missing]}'`)
  return given
}

export const asText = (value: Value, where: string): string => {
  if (typeof value !== 'string') throw templateFailed(`${where} must be a string`)
  return value
}

export const asCount = (value: Value, where: string): number => {
  if (typeof value !== 'bigint' && typeof value !== 'boolean') throw templateFailed(`${where} must be an integer`)
  return Number(value)
}
