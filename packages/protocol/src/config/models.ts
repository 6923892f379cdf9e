import { isWeftError, parse } from '@weft/adapters'
import { invalidConfiguration } from '../errors.ts'

interface Configured {
  models: Readonly<Record<string, { path?: string; hub?: string; revision?: string }>>
}

/** That every base model can be asked by its name, and is in one place. Error `config_invalid`. */
export function checkModels({ models }: Configured): void {
  const refuse = (param: string, message: string): never => {
    throw invalidConfiguration([{ param, message }])
  }
  for (const [name, { path, hub, revision }] of Object.entries(models)) {
    if (!isName(name))
      refuse('models', `"${name}" is no name that an expression can spell; expected letters, digits, ".", "_", "-" and "/", such as "smollm2-135m"`)
    if (path !== undefined && hub !== undefined) refuse(`models.${name}`, '"path" and "hub" both say where it is; leave one of them out')
    if (revision !== undefined && hub === undefined) refuse(`models.${name}.revision`, "it is one of the hub's, and nothing else has any; leave it out")
  }
}

function isName(name: string): boolean {
  try {
    const parsed = parse(name)
    return parsed.kind === 'adapter' && parsed.name === name
  } catch (error) {
    if (!isWeftError(error)) throw error
    return false
  }
}
