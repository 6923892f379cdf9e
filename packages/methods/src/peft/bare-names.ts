import type { ModelSpec } from '@weft/adapters'

/** What all linear layers' names begin with, `bert.` or `model.`: the base within the model around it. Empty where there is no such thing (T5). */
export function basePrefix({ modules }: Pick<ModelSpec, 'modules'>): string {
  const first = new Set(Object.keys(modules).map((name) => name.slice(0, name.indexOf('.') + 1)))
  return first.size === 1 ? [...first][0] : ''
}

/** A module's name as it is in a base with nothing around it (`task_type: FEATURE_EXTRACTION`), under its name here. */
export function withBasePrefix(name: string, model: Pick<ModelSpec, 'modules'>): string {
  const prefix = basePrefix(model)
  if (!prefix || name.startsWith(prefix)) return name
  const full = `${prefix}${name}`
  for (let end = full.length; end > 0; end = full.lastIndexOf('.', end - 1)) {
    if (Object.hasOwn(model.modules, full.slice(0, end))) return full
  }
  return name
}
