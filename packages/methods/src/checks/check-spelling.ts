import { camelCase, describeIssues, fieldsAt, snakeCase } from '@weft/adapters'
import { invalidConfig } from '../errors.ts'
import type { Plugin } from '../plugin.ts'

/**
 * That the fields of a method's config are written as the wire has them, before they are renamed: afterwards `loraAlpha` could not be told from
 * `lora_alpha`. Error 400 `invalid_config`, with the names as they were written.
 */
export function checkSpelling({ id, config }: Pick<Plugin, 'id' | 'config'>, written: unknown, param = `method.${id}`): void {
  const fields = fieldsAt(config)
  if (fields.length === 0 || written === null || typeof written !== 'object' || Array.isArray(written)) return
  const names = new Set(fields.map(snakeCase))
  const strange = Object.keys(written).filter((name) => !names.has(name))
  const isStrict = (config._zod.def as { catchall?: typeof config }).catchall?._zod.def.type === 'never'
  // One that is let through may be a field all the same, once it is renamed.
  const keys = isStrict ? strange : strange.filter((name) => fields.includes(camelCase(name)))
  if (keys.length === 0) return
  throw invalidConfig(
    id,
    describeIssues([{ code: 'unrecognized_keys', path: [], message: '', keys }], param, config, snakeCase, (name) => name),
  )
}
