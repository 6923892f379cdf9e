import { missingTensor, peftUnsupported } from '../errors.ts'
import type { Plugin } from '../plugin.ts'

/**
 * A method's parameters out of tensors under PEFT's own names (`prompt_encoder.default.embedding.weight`), also with a
 * prefix in front (`grad.`, `final.`). Error 422 `tensor_missing`.
 */
export function peftParams<T>(plugin: Plugin, tensors: Readonly<Record<string, T>>, names: readonly string[], prefix = ''): Record<string, T> {
  return Object.fromEntries(names.map((name) => {
    const key = prefix + peftParamName(plugin, name)
    if (!Object.hasOwn(tensors, key)) throw missingTensor('PEFT parameters', key)
    return [name, tensors[key]]
  }))
}

/** PEFT's name of one of our parameters. */
export function peftParamName(plugin: Plugin, param: string): string {
  const name = plugin.peft?.params[param]
  if (name === undefined) throw peftUnsupported(`PEFT has no parameter for "${param}" of "${plugin.id}"`)
  return name
}
