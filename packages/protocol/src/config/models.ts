import { isWeftError, parse } from '@weft/adapters'
import { invalidConfiguration } from '../errors.ts'

/** That every base model can be asked by its name. Error `config_invalid`. */
export function checkModels({ models }: { models: Readonly<Record<string, unknown>> }): void {
  for (const name of Object.keys(models))
    if (!isName(name))
      throw invalidConfiguration([
        {
          param: 'models',
          message: `"${name}" is no name that an expression can spell; expected letters, digits, ".", "_", "-" and "/", such as "smollm2-135m"`,
        },
      ])
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
