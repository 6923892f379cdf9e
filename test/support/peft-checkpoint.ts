import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type FloatTensor, isFloat, readSafetensors, toTensor, writeSafetensors } from '@weft/adapters'
import { type ImportedPeft, importPeft } from '@weft/methods'
import { loadModel } from '@weft/model'
import plugins from '@weft/plugins'

/** What PEFT saved, by `<arch>/<method>.<task>`. */
export const golden = new URL('../golden/peft/', import.meta.url).pathname

export interface Files {
  config: Record<string, any>
  tensors: Record<string, FloatTensor>
}

export const filesOf = (name: string): Files => {
  const { tensors } = readSafetensors(readFileSync(join(golden, name, 'adapter_model.safetensors')))
  return {
    config: JSON.parse(readFileSync(join(golden, name, 'adapter_config.json'), 'utf8')),
    tensors: Object.fromEntries(
      Object.entries(tensors)
        .map(([at, stored]) => [at, toTensor(stored, at)])
        .filter((entry): entry is [string, FloatTensor] => isFloat(entry[1] as FloatTensor)),
    ),
  }
}

/** A golden case brought in after a change, onto its own base or another. */
export const brought = async (
  name: string,
  change: (files: Files) => Partial<Files> | undefined,
  { base, labels }: { base?: string; labels?: string[] } = {},
): Promise<ImportedPeft> => {
  const files = filesOf(name)
  const { config, tensors } = { ...files, ...change(files) }
  const { base: own } = JSON.parse(readFileSync(join(golden, name, 'case.json'), 'utf8'))
  const { spec, fingerprint, weights } = await loadModel(join(golden, base ?? join(name, '..', own)))
  return importPeft({ config: JSON.stringify(config), weights: writeSafetensors(tensors, { format: 'pt' }) }, plugins, {
    model: spec,
    base: { name: 'base', fingerprint },
    baseWeight: (weight) => weights.readSync(weight),
    ...(labels && { labels }),
  })
}
