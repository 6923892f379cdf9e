import { peftUnsupported } from '../errors.ts'
import type { Plugin } from '../plugin.ts'

/** PEFT's name of one of our parameters. */
export function peftParamName(plugin: Plugin, param: string): string {
  const name = plugin.peft?.params[param]
  if (name === undefined) throw peftUnsupported(`PEFT has no parameter for "${param}" of "${plugin.id}"`)
  return name
}
