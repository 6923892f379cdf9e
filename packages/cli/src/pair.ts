import { jsonFault } from '@weft/adapters'
import { InvalidArgumentError } from 'commander'

/** `key=value` into an object; a value that is JSON is taken as such, anything else as text. Keys in snake or camel case, each once. */
export const pair = (text: string, into: Record<string, unknown>): Record<string, unknown> => {
  const at = text.indexOf('=')
  if (at < 1) throw new InvalidArgumentError('expected KEY=VALUE, such as num_virtual_tokens=20.')
  const written = text.slice(0, at)
  const key = written.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
  if (Object.hasOwn(into, key)) throw new InvalidArgumentError(`${written} is said twice; say it once.`)
  const value = text.slice(at + 1)
  let json: unknown
  try {
    json = JSON.parse(value)
  } catch {
    return { ...into, [key]: value }
  }
  const fault = jsonFault(value, json)
  if (fault !== undefined) throw new InvalidArgumentError(`${written}: ${fault}`)
  return { ...into, [key]: json }
}
