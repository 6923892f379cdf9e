import { snakeCase } from '@weft/adapters'
import { invalidConfig } from '../errors.ts'

/**
 * Refuses a setting that another one leaves unread: a training would drop it in silence. For a method's `asked`; configs of files are read without it. Error 400
 * `invalid_config`.
 * @param readBy the values of `by` with which it is read
 */
export function refuseUnread<C extends object>(method: string, config: C, setting: keyof C & string, by: keyof C & string, ...readBy: string[]): void {
  const said = String(config[by])
  if (!config[setting] || readBy.includes(said)) return
  const message = `${by} "${said}" does not read it; say ${by} "${readBy[0]}", or leave it out`
  throw invalidConfig(method, [{ param: `method.${method}.${snakeCase(setting)}`, message }])
}
