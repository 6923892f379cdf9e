import { type LowRank, type ModelSpec, writeSafetensors } from '@weft/adapters'
import { chosenModules } from '../modules/target-modules.ts'
import { type ImportedPeft, importPeft } from '../peft/import.ts'
import type { Plugin } from '../plugin.ts'

/**
 * Low-rank additions from another program's file as what `writeAdapter` takes: as the PEFT checkpoint that they could have been converted from is imported.
 * @throws what `importPeft` throws
 */
export function fromLowRank(
  { alpha, pairs, invocation }: LowRank,
  plugins: Iterable<Plugin>,
  options: { model: ModelSpec; base: { name: string; fingerprint: string } },
): Promise<ImportedPeft> {
  const ranks = [...pairs].map(([module, { a }]): [string, number] => [module, a.shape[0]])
  const rank = usual(ranks.map(([, each]) => each))
  const others = Object.fromEntries(ranks.filter(([, each]) => each !== rank))
  const config = {
    peft_type: 'LORA',
    task_type: 'CAUSAL_LM',
    r: rank,
    // Additions that count as they are have an alpha of their rank, each.
    lora_alpha: alpha === 0 ? rank : alpha,
    rank_pattern: others,
    alpha_pattern: alpha === 0 ? others : {},
    target_modules: targets([...pairs.keys()], options.model),
    ...(invocation && { alora_invocation_tokens: invocation }),
  }
  const tensors = [...pairs].flatMap(([module, { a, b }]) => [
    [`base_model.model.${module}.lora_A.weight`, a],
    [`base_model.model.${module}.lora_B.weight`, b],
  ])
  return importPeft({ config: JSON.stringify(config), weights: writeSafetensors(Object.fromEntries(tensors), { format: 'pt' }) }, plugins, options)
}

/** The rank that most modules have; of several such the first. */
function usual(ranks: readonly number[]): number {
  const counts = Map.groupBy(ranks, (rank) => rank)
  return [...counts].reduce((most, each) => (each[1].length > most[1].length ? each : most))[0]
}

/** The modules by the ends of their names, where these choose no others; else by their names. */
function targets(names: readonly string[], model: ModelSpec): string[] {
  const ends = [...new Set(names.map((name) => name.slice(name.lastIndexOf('.') + 1)))]
  return chosenModules(model, { targetModules: ends }).length === names.length ? ends : [...names]
}
