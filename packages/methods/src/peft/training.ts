import { type ModelSpec, placementOfShapes, type TaskType } from '@weft/adapters'
import { encodedShapes } from '../encoded-shapes.ts'
import { type Plugin, parseConfig } from '../plugin.ts'
import type { PeftConfig, PeftStart } from './mapping.ts'

export interface PeftTraining {
  /** What PEFT's `PeftConfig` is made from. */
  peftConfig: PeftConfig
  start?: PeftStart
  /** That it takes of the context. */
  positions: number
  /** The method's config as PEFT would give it back. */
  config: Record<string, unknown>
  /** Fields of ours that PEFT has no word for. */
  without: string[]
}

/** How PEFT trains a method with this config: what it is told, and what it cannot be told. The method has a `peft`. */
export function peftTraining(plugin: Plugin, config: Record<string, unknown>, model: ModelSpec, task: TaskType): PeftTraining {
  const mapping = plugin.peft!
  const { rows, prefix } = placementOfShapes(encodedShapes(plugin, config, model))
  const start = mapping.start?.of(config)
  const peftConfig: PeftConfig = {
    peft_type: mapping.peftType,
    task_type: task,
    inference_mode: false,
    ...(rows || prefix
      ? { num_layers: model.numLayers, num_transformer_submodules: model.encoderDecoder ? 2 : 1, num_virtual_tokens: Math.max(rows, prefix) }
      : {}),
    ...mapping.configTo(config, model),
  }
  const back = parseConfig<Record<string, unknown>>(plugin, mapping.configFrom(peftConfig))
  const said = start ? mapping.start!.fields : []
  const without = Object.keys(config).filter((field) => !said.includes(field) && !same(config[field], back[field]))
  return {
    peftConfig,
    positions: rows + prefix,
    config: { ...back, ...Object.fromEntries(said.map((field) => [field, config[field]])) },
    without,
    ...(start && { start }),
  }
}

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a ?? null) === JSON.stringify(b ?? null)
