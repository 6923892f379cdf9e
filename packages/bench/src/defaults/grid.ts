import { defaultHyperparameters, type Plugin, parseConfig, usualHyperparameters, type Width } from '@weft/methods'
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

/** Every point of what a method declares as its search space, and its defaults. Where its rate depends on the model, so do those of the grid. @throws WeftError `no_search_space` */
export const gridOf = (plugin: Plugin, model?: Width): Grid => {
  const { searchSpace } = plugin
  if (!searchSpace) throw noSearchSpace(plugin.id)
  const { name, values } = searchSpace.setting
  const rateOn = (width?: Width): number => defaultHyperparameters(usualHyperparameters(plugin, width)).learningRate
  const usual = { learningRate: rateOn(model), value: (parseConfig(plugin, {}) as Record<string, unknown>)[name] }
  const share = rateOn(model) / rateOn()
  // Without the last digits, in which a product is not what is written.
  const rates = searchSpace.learningRate.map((rate) => Number((rate * share).toPrecision(6)))
  const points = rates.flatMap((learningRate) => values.map((value) => ({ learningRate, value })))
  const isDefault = (point: { learningRate: number; value: unknown }): boolean =>
    point.learningRate === usual.learningRate && JSON.stringify(point.value) === JSON.stringify(usual.value)
  return {
    setting: name,
    points: [{ ...usual, isDefault: true }, ...points.filter((point) => !isDefault(point)).map((point) => ({ ...point, isDefault: false }))],
  }
}
