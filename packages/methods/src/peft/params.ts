import type { ModelSpec } from '@weft/adapters'
import { peftUnsupported } from '../errors.ts'
import type { Plugin } from '../plugin.ts'

/** PEFT's name of one of our parameters. Error 422 `peft_unsupported` where it has none. */
export function peftParamName(plugin: Plugin, param: string, model: ModelSpec): string {
  const params = plugin.peft?.params
  const name = typeof params === 'function' ? params(param, model) : params?.[param]
  if (name === undefined) throw peftUnsupported(`PEFT has no parameter for "${param}" of "${plugin.id}"`)
  return name
}
