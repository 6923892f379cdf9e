import { defaultHyperparameters, type Plugin, parseConfig } from '@weft/methods'
import { noSearchSpace } from '../errors.ts'

/** A learning rate and a value of the method's other setting. */
export interface Point {
  learningRate: number
  value: unknown
  isDefault: boolean
}

export interface Grid {
  /** The other setting, by its name in the config. */
  setting: string
  /** The default first, whether or not the grid holds it. */
  points: readonly Point[]
}

/** Every point of what a method declares as its search space, and its defaults. @throws WeftError `no_search_space` */
export const gridOf = (plugin: Plugin): Grid => {
  const { searchSpace } = plugin
  if (!searchSpace) throw noSearchSpace(plugin.id)
  const { name, values } = searchSpace.setting
  const usual = { learningRate: defaultHyperparameters(plugin.hyperparameters).learningRate, value: (parseConfig(plugin, {}) as Record<string, unknown>)[name] }
  const points = searchSpace.learningRate.flatMap((learningRate) => values.map((value) => ({ learningRate, value })))
  const isDefault = (point: { learningRate: number; value: unknown }): boolean =>
    point.learningRate === usual.learningRate && JSON.stringify(point.value) === JSON.stringify(usual.value)
  return {
    setting: name,
    points: [{ ...usual, isDefault: true }, ...points.filter((point) => !isDefault(point)).map((point) => ({ ...point, isDefault: false }))],
  }
}
