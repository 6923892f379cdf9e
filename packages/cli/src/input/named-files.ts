import { InvalidArgumentError } from 'commander'

/** `name=file` into an object, each name once. Both are as they are written: a name is no field, and a path no JSON. */
export const namedFile = (text: string, into: Record<string, string>): Record<string, string> => {
  const at = text.indexOf('=')
  if (at < 1) throw new InvalidArgumentError('expected NAME=FILE, such as style/speech=speech.safetensors.')
  const name = text.slice(0, at)
  if (Object.hasOwn(into, name)) throw new InvalidArgumentError(`${name} is said twice; say it once.`)
  return { ...into, [name]: text.slice(at + 1) }
}
