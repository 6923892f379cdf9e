import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { noDefaultTemplate } from '../errors.ts'

/** Templates by name; `default` is the one that serves unless tools are given and there is a `tool_use`. */
export type ChatTemplates = ReadonlyMap<string, string>

const DEFAULT = 'default'
const WITH_TOOLS = 'tool_use'

/**
 * The chat templates of a model folder: chat_template.jinja and additional_chat_templates/*.jinja, which replace what tokenizer_config.json
 * holds: one template, or a list of named ones.
 */
export const readChatTemplates = async (folder: string, config: Record<string, unknown>): Promise<ChatTemplates> => {
  const files = new Map<string, string>()
  const single = await readFile(join(folder, 'chat_template.jinja'), 'utf8').catch(() => null)
  if (single !== null) files.set(DEFAULT, single)
  const additional = join(folder, 'additional_chat_templates')
  for (const file of (await readdir(additional).catch(() => [])).sort())
    if (file.endsWith('.jinja')) files.set(file.slice(0, -'.jinja'.length), await readFile(join(additional, file), 'utf8'))
  return files.size > 0 ? files : configured(config.chat_template)
}

const configured = (field: unknown): ChatTemplates => {
  if (typeof field === 'string') return new Map([[DEFAULT, field]])
  if (!Array.isArray(field)) return new Map()
  return new Map(field.filter((each) => typeof each?.name === 'string' && typeof each.template === 'string').map(({ name, template }) => [name, template]))
}

/** The template that serves; null where the model has none. @throws ModelError `invalid_chat` for several without a default */
export const chosenTemplate = (templates: ChatTemplates, withTools: boolean): string | null => {
  if (templates.size === 0) return null
  const chosen = (withTools ? templates.get(WITH_TOOLS) : undefined) ?? templates.get(DEFAULT)
  if (chosen === undefined) throw noDefaultTemplate([...templates.keys()])
  return chosen
}
