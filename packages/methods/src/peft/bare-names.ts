import type { ModelSpec } from '@weft/adapters'

/** The common beginning of all linear layers' names, `bert.` or `model.`: the base model's own prefix. Empty where there is none (T5). */
export function basePrefix({ modules }: Pick<ModelSpec, 'modules'>): string {
  const first = new Set(Object.keys(modules).map((name) => name.slice(0, name.indexOf('.') + 1)))
  return first.size === 1 ? [...first][0] : ''
}

/** A name of ours in a base model without a head. */
export const withoutBasePrefix = (name: string, prefix: string): string => (name.startsWith(prefix) ? name.slice(prefix.length) : name)

/** Module names in a base model without a head (`task_type: FEATURE_EXTRACTION`), mapped to ours. */
export function withBasePrefix(name: string, model: Pick<ModelSpec, 'modules'>): string {
  const prefix = basePrefix(model)
  if (!prefix || name.startsWith(prefix)) return name
  const full = `${prefix}${name}`
  for (let end = full.length; end > 0; end = full.lastIndexOf('.', end - 1)) {
    if (Object.hasOwn(model.modules, full.slice(0, end))) return full
  }
  return name
}
